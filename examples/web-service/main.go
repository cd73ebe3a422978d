// The program links gives addresses short codes. PostgreSQL has the addresses; Redis caches them, and counts the visits.
//
//	links migrate       creates the tables that the database lacks
//	links serve         answers HTTP requests until SIGTERM
//	links add ADDRESS   prints the code of an address
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "links:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	store, err := openStore(ctx, os.Getenv("DATABASE_URL"), os.Getenv("REDIS_ADDRESS"))
	if err != nil {
		return err
	}
	defer store.close()
	switch {
	case len(args) == 1 && args[0] == "migrate":
		return store.migrate(ctx)
	case len(args) == 1 && args[0] == "serve":
		return serve(ctx, store, os.Getenv("LISTEN"))
	case len(args) == 2 && args[0] == "add":
		code, err := store.add(ctx, args[1])
		if err == nil {
			fmt.Println(code)
		}
		return err
	}
	return errors.New("usage: links migrate | serve | add ADDRESS")
}

// serve answers requests until ctx ends, then lets the open requests end.
func serve(ctx context.Context, store *store, address string) error {
	server := &http.Server{Addr: address, Handler: newHandler(store), ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return server.Shutdown(limit)
}

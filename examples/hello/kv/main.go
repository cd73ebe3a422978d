// Command kv is a small key-value store over TCP, and its client.
//
//	kv serve        serve on :7000
//	kv ping         succeed if a store on this machine answers
//	kv set KEY VAL  store a value
//	kv get KEY      print a value
//	kv hello        write a greeting, read it back and print it
//
// The client finds the store by KV_ADDR, default localhost:7000.
package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "kv:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	store := client{addr: cmp.Or(os.Getenv("KV_ADDR"), "localhost:7000")}
	switch mode := append(args, "")[0]; {
	case mode == "serve" && len(args) == 1:
		return listen(":7000")
	case mode == "ping" && len(args) == 1:
		return store.ping()
	case mode == "set" && len(args) == 3:
		return store.set(args[1], args[2])
	case mode == "get" && len(args) == 2:
		return print(out, store, args[1])
	case mode == "hello" && len(args) == 1:
		if err := store.set("greeting", "Hello from a container, by way of the store."); err != nil {
			return err
		}
		return print(out, store, "greeting")
	}
	return fmt.Errorf("unknown command %q: serve, ping, set KEY VALUE, get KEY or hello is wanted", args)
}

func print(out io.Writer, store client, key string) error {
	value, err := store.get(key)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, value)
	return err
}

// listen serves until SIGTERM or SIGINT. As process 1 of a container, the store must handle both signals itself.
func listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		l.Close()
	}()
	log.Println("serving on", l.Addr())
	return newStore().serve(l)
}

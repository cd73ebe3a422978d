// The program api answers requests with the results of the worker.
//
//	api                    serves POST /upper with a text as the body
//	api send HOST TEXT…    sends a text to a running API, and prints the result
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"monorepo/queue"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := error(nil)
	if len(os.Args) > 3 && os.Args[1] == "send" {
		err = send(ctx, os.Args[2], strings.Join(os.Args[3:], " "))
	} else {
		err = serve(ctx)
	}
	if err != nil {
		log.Fatal("api: ", err)
	}
}

// ask sends a text to the worker and waits for the result.
type ask func(ctx context.Context, text string) (string, error)

func askQueue(ctx context.Context, text string) (string, error) {
	q, err := queue.Open(ctx)
	if err != nil {
		return "", err
	}
	defer q.Close()
	if text == "" { // a request for the health of the service
		return "", q.Ping()
	}
	return q.Ask(text)
}

func newHandler(ask ask) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /upper", func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
		if err != nil || strings.TrimSpace(string(text)) == "" {
			http.Error(w, "the body must have a text of at most 64 KiB", http.StatusBadRequest)
			return
		}
		answer(w, r, ask, string(text))
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { answer(w, r, ask, "") })
	return mux
}

func answer(w http.ResponseWriter, r *http.Request, ask ask, text string) {
	result, err := ask(r.Context(), text)
	if err != nil {
		log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
		http.Error(w, "the worker does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, result)
}

func serve(ctx context.Context) error {
	server := &http.Server{Addr: ":8080", Handler: newHandler(askQueue)}
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func send(ctx context.Context, host, text string) error {
	request, err := http.NewRequestWithContext(ctx, "POST", "http://"+host+"/upper", strings.NewReader(text))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	if err == nil {
		fmt.Print(string(body))
	}
	return err
}

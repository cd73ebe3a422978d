// Command server is an image registry for tests, the one of the distribution project: it keeps images in memory, listens
// on a free port of the loopback interface, and lets in who has the name and the password that it was started with.
//
// Its first line of output is its address, each further one a request: "GET /v2/app/manifests/1 200". It ends when its
// stdin does, so that it outlives no test, not even one that was killed.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/distribution/distribution/v3/configuration"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
	"github.com/sirupsen/logrus"
	"golang.org/x/crypto/bcrypt"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: server HTPASSWD-FILE-TO-WRITE NAME PASSWORD")
		os.Exit(2)
	}
	if err := serve(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "registry:", err)
		os.Exit(1)
	}
}

func serve(htpasswd, name, password string) error {
	logrus.SetOutput(io.Discard) // the requests are told in our own words
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		return err
	}
	if err := os.WriteFile(htpasswd, []byte(name+":"+string(hash)+"\n"), 0o600); err != nil {
		return err
	}
	config := &configuration.Configuration{
		Storage: configuration.Storage{
			"inmemory":    {},
			"delete":      {"enabled": true},
			"maintenance": {"uploadpurging": map[any]any{"enabled": false}},
		},
		Auth: configuration.Auth{"htpasswd": {"realm": "tests", "path": htpasswd}},
	}
	config.HTTP.Secret = "of no use beyond this process"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return http.Serve(listener, &told{next: handlers.NewApp(context.Background(), config)})
}

// told prints a line for each request once it is answered.
type told struct {
	next http.Handler
	mu   sync.Mutex
}

func (t *told) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := &status{ResponseWriter: w, code: http.StatusOK}
	t.next.ServeHTTP(answer, r)
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Println(r.Method, r.URL.Path, answer.code)
}

// status remembers how a request was answered.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// Command server is an image registry for tests, from the distribution project. The registry keeps images in memory,
// and listens on a free port of the loopback interface. Clients need the name and password given at the start.
//
// The first line of output is the address, each further line a request: "GET /v2/app/manifests/1 200". The server ends
// at the end of stdin, so the server outlives no test, not even a killed test.
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
	logrus.SetOutput(io.Discard) // our own lines describe the requests
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
	return http.Serve(listener, &requestLog{next: handlers.NewApp(context.Background(), config)})
}

// requestLog prints a line for each answered request.
type requestLog struct {
	next http.Handler
	mu   sync.Mutex
}

func (l *requestLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := &status{ResponseWriter: w, code: http.StatusOK}
	l.next.ServeHTTP(answer, r)
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Println(r.Method, r.URL.Path, answer.code)
}

// status records the status of an answer.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

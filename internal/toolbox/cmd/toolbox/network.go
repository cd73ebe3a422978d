//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// serve listens after a delay: serve [-tcp ADDR] [-http ADDR] [-after D] [-for D]. TCP echoes line by line. HTTP
// answers every path with 200 and the path, and /status/N with N. With -for, serve ends with 0 after a time.
func serve(s streams, args []string) int {
	fs := options(s, "serve")
	tcp, web := fs.String("tcp", "", "address of an echo server"), fs.String("http", "", "address of a web server")
	after := fs.Duration("after", 0, "delay before listening")
	lifetime := fs.Duration("for", 0, "how long to serve; 0: for ever")
	if fs.Parse(args) != nil || *tcp == "" && *web == "" {
		return 2
	}
	time.Sleep(*after)
	failed := make(chan error, 2)
	if *tcp != "" {
		go listenAndServe(s, *tcp, failed, echo)
	}
	if *web != "" {
		go listenAndServe(s, *web, failed, func(l net.Listener) error {
			return http.Serve(l, http.HandlerFunc(answer))
		})
	}
	var end <-chan time.Time
	if *lifetime > 0 {
		end = time.After(*lifetime)
	}
	select {
	case err := <-failed:
		return s.failf("serve: %v", err)
	case <-end:
		return 0
	}
}

func listenAndServe(s streams, addr string, failed chan<- error, serve func(net.Listener) error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		failed <- err
		return
	}
	fmt.Fprintln(s.out, "listening on", l.Addr())
	failed <- serve(l)
}

func echo(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			lines := bufio.NewScanner(conn)
			for lines.Scan() {
				fmt.Fprintln(conn, lines.Text())
			}
		}()
	}
}

func answer(w http.ResponseWriter, r *http.Request) {
	var code int
	if _, err := fmt.Sscanf(r.URL.Path, "/status/%d", &code); err == nil && code >= 200 && code < 600 {
		w.WriteHeader(code)
	}
	fmt.Fprintln(w, "ok", r.URL.Path)
}

// probe probes a listener once: probe tcp HOST:PORT, probe http HOST:PORT/PATH (success: below 400).
func probe(s streams, args []string) int {
	if len(args) != 2 {
		return s.failf("probe: tcp ADDR or http ADDR/PATH is wanted")
	}
	var err error
	switch args[0] {
	case "tcp":
		err = probeTCP(args[1])
	case "http":
		err = probeHTTP(args[1])
	default:
		err = fmt.Errorf("unknown kind %q", args[0])
	}
	if err != nil {
		return s.failf("probe: %v", err)
	}
	fmt.Fprintln(s.out, "ok")
	return 0
}

func probeTCP(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return err
	}
	return conn.Close()
}

func probeHTTP(addr string) error {
	if strings.HasPrefix(addr, ":") {
		addr = "localhost" + addr
	}
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Get("http://" + strings.TrimPrefix(addr, "http://"))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		return fmt.Errorf("%s answers %s", addr, resp.Status)
	}
	return nil
}

// dial connects, sends stdin, and prints the answer until the other side closes.
func dial(s streams, args []string) int {
	if len(args) != 1 {
		return s.failf("dial: an address is wanted")
	}
	conn, err := net.DialTimeout("tcp", args[0], 5*time.Second)
	if err != nil {
		return s.failf("dial: %v", err)
	}
	defer conn.Close()
	go func() {
		io.Copy(conn, s.in)
		conn.(*net.TCPConn).CloseWrite()
	}()
	if _, err := io.Copy(s.out, conn); err != nil {
		return s.failf("dial: %v", err)
	}
	return 0
}

package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"time"
)

// client sends requests to a store, each on a separate connection.
type client struct{ addr string }

func (c client) ping() error {
	return c.expectOK("PING")
}

func (c client) set(key, value string) error {
	if key == "" || strings.ContainsAny(key, " \n") || strings.Contains(value, "\n") {
		return fmt.Errorf("a key has no spaces, and key and value are one line: %q", key)
	}
	return c.expectOK("SET " + key + " " + value)
}

func (c client) get(key string) (string, error) {
	reply, err := c.request("GET " + key)
	if err != nil {
		return "", err
	}
	if value, ok := strings.CutPrefix(reply, "VALUE "); ok {
		return value, nil
	}
	if reply == "NONE" {
		return "", fmt.Errorf("no value for %q", key)
	}
	return "", fmt.Errorf("the store answers %q", reply)
}

func (c client) expectOK(command string) error {
	reply, err := c.request(command)
	if err == nil && reply != "OK" {
		err = fmt.Errorf("the store answers %q", reply)
	}
	return err
}

// request sends a line and returns the answer.
func (c client) request(command string) (string, error) {
	conn, err := net.DialTimeout("tcp", c.addr, 3*time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(3 * time.Second))
	if _, err := fmt.Fprintln(conn, command); err != nil {
		return "", err
	}
	reply, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("reading the store's answer: %w", err)
	}
	return strings.TrimSuffix(reply, "\n"), nil
}

package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"time"
)

// client asks a store; each question has a connection of its own.
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
	answer, err := c.ask("GET " + key)
	if err != nil {
		return "", err
	}
	if value, ok := strings.CutPrefix(answer, "VALUE "); ok {
		return value, nil
	}
	if answer == "NONE" {
		return "", fmt.Errorf("no value for %q", key)
	}
	return "", fmt.Errorf("the store answers %q", answer)
}

func (c client) expectOK(question string) error {
	answer, err := c.ask(question)
	if err == nil && answer != "OK" {
		err = fmt.Errorf("the store answers %q", answer)
	}
	return err
}

// ask sends one line and returns the line that comes back.
func (c client) ask(question string) (string, error) {
	conn, err := net.DialTimeout("tcp", c.addr, 3*time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(3 * time.Second))
	if _, err := fmt.Fprintln(conn, question); err != nil {
		return "", err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("reading the store's answer: %w", err)
	}
	return strings.TrimSuffix(answer, "\n"), nil
}

//go:build linux

// Command prober works inside a service container. The program probes a port in the container's network, or signals the
// processes of a command in the container. The program runs in any image: a static binary without needs. Direct system
// calls keep the program small. Package wire describes the settings.
package main

import (
	"syscall"

	"tasks/internal/prober/wire"
)

func main() { syscall.Exit(run()) }

// attemptLimit limits a try, in milliseconds: a silent address must not delay the other addresses.
const attemptLimit = 2000

func run() int {
	if mark, _ := syscall.Getenv(wire.Mark); mark != "" {
		signal, _ := syscall.Getenv(wire.Signal)
		return signalMarked(mark, syscall.Signal(number(signal)))
	}
	switch tunnel, _ := syscall.Getenv(wire.Tunnel); tunnel {
	case wire.Hold:
		return hold()
	case wire.Connect:
		return connectStreams()
	}
	probe, ok := settings()
	if !ok {
		say("prober: not started by tasks")
		return wire.Misuse
	}
	end := now() + probe.timeout
	for last := ""; ; {
		failure := probe.try()
		if failure == "" {
			return wire.Ready
		}
		if failure != last {
			say(failure)
			last = failure
		}
		if now() >= end {
			return wire.GaveUp
		}
		sleep(probe.interval)
	}
}

// probe is a target; times are in milliseconds.
type probe struct {
	http              bool
	host, path        string
	addresses         []address
	interval, timeout int64
}

type address struct {
	ip   []byte
	port int
	text string
}

func settings() (probe, bool) {
	get := func(name string) string { value, _ := syscall.Getenv(name); return value }
	p := probe{
		http: get(wire.Kind) == wire.HTTP, host: get(wire.Host), path: get(wire.Path),
		interval: number(get(wire.Interval)), timeout: number(get(wire.Timeout)),
	}
	for _, entry := range split(get(wire.Addresses), ' ') {
		parts := split(entry, '/')
		if len(parts) != 3 || len(parts[0]) != 8 && len(parts[0]) != 32 {
			return p, false
		}
		p.addresses = append(p.addresses, address{ip: unhex(parts[0]), port: int(number(parts[1])), text: parts[2]})
	}
	return p, len(p.addresses) > 0 && p.interval > 0 && p.timeout > 0
}

// try tries all addresses. A single answer is enough; otherwise try returns the reasons.
func (p *probe) try() (failure string) {
	for _, a := range p.addresses {
		why := p.reach(a)
		if why == "" {
			return ""
		}
		if failure != "" {
			failure += "; "
		}
		failure += a.text + ": " + why
	}
	return failure
}

func (p *probe) reach(a address) (failure string) {
	socket, err := connect(a)
	if err != nil {
		return words(err)
	}
	defer syscall.Close(socket)
	if !p.http {
		return ""
	}
	if err := send(socket, wire.Request(p.host, p.path)); err != nil {
		return words(err)
	}
	answer, err := receive(socket)
	if err != nil {
		return words(err)
	}
	return wire.Verdict(answer)
}

// connect opens a socket with a time limit of attemptLimit for every call.
func connect(a address) (socket int, err error) {
	family, to := syscall.AF_INET, syscall.Sockaddr(nil)
	if len(a.ip) == 4 {
		to = &syscall.SockaddrInet4{Port: a.port, Addr: [4]byte(a.ip)}
	} else {
		family, to = syscall.AF_INET6, &syscall.SockaddrInet6{Port: a.port, Addr: [16]byte(a.ip)}
	}
	if socket, err = syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0); err != nil {
		return 0, err
	}
	limit := syscall.NsecToTimeval(attemptLimit * 1e6)
	if err = syscall.SetsockoptTimeval(socket, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &limit); err == nil {
		err = syscall.SetsockoptTimeval(socket, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &limit)
	}
	if err == nil {
		err = syscall.Connect(socket, to)
	}
	if err != nil {
		syscall.Close(socket)
	}
	return socket, err
}

func send(socket int, text string) error {
	for rest := []byte(text); len(rest) > 0; {
		n, err := syscall.Write(socket, rest)
		if err != nil && err != syscall.EINTR {
			return err
		}
		rest = rest[max(n, 0):]
	}
	return nil
}

// receive reads the first line of the answer, or everything until the end.
func receive(socket int) (string, error) {
	answer := make([]byte, 0, wire.AnswerLimit)
	for len(answer) < cap(answer) {
		n, err := syscall.Read(socket, answer[len(answer):cap(answer)])
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return "", err
		}
		answer = answer[:len(answer)+n]
		if n == 0 || len(split(string(answer), '\n')) > 1 {
			break
		}
	}
	return string(answer), nil
}

// words returns the text of an error, with a plain text for a timeout.
func words(err error) string {
	if err == syscall.EINPROGRESS || err == syscall.EAGAIN {
		return "no answer"
	}
	return err.Error()
}

package enginetest

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"tasks/executor/engine"
	"tasks/planner"
)

func followLog(f *fixture) {
	id := f.running("db", "STDOUT=one\ntwo\n")
	follow := func() (lines []string) {
		f.fatal(f.engine.FollowLog(f.Context(), id, func(line string) bool {
			lines = append(lines, line)
			return line != "two"
		}))
		return lines
	}
	want := []string{"one", "two"}
	if got := follow(); !slices.Equal(got, want) {
		f.Errorf("lines %q, want %q", got, want)
	}
	f.noError(f.engine.KillContainer(f.Context(), id, "SIGKILL"))
	f.untilState(id, "exited")
	f.start(id)
	if got := follow(); !slices.Equal(got, want) {
		f.Errorf("lines after another start %q, want %q", got, want)
	}
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(f.Context())
	err := f.engine.FollowLog(ctx, id, func(line string) bool {
		if line == "two" {
			cancel(stop)
		}
		return true
	})
	if !errors.Is(err, stop) {
		f.Errorf("error %v, want the cause of the cancellation", err)
	}
	f.isNotFound(f.engine.FollowLog(f.Context(), f.project+"-nope", func(string) bool { return true }))
}

// followToTheEnd: what a container prints last is told too, a line without an end among it.
func followToTheEnd(f *fixture) {
	id := f.create(f.spec("job", "STDOUT=one\ntwo"))
	f.start(id)
	f.untilState(id, "exited")
	var lines []string
	f.noError(f.engine.FollowLog(f.Context(), id, func(line string) bool {
		lines = append(lines, line)
		return true
	}))
	if want := []string{"one", "two"}; !slices.Equal(lines, want) {
		f.Errorf("lines %q, want %q", lines, want)
	}
}

// inNetwork is a running container in a network of its own.
func (f *fixture) inNetwork(env ...string) (id, network string) {
	f.Helper()
	n := f.network("default")
	network, _ = f.createNetwork(n)
	spec := f.spec("web", append(env, "SLEEP=forever")...)
	spec.Service.NetworkMode = ""
	spec.Networks = []planner.Endpoint{{Key: "default", Network: n.Name, Aliases: []string{"web"}}}
	if len(env) > 0 {
		spec.Service.Command = []string{"serve", "-tcp", ":5432"}
	}
	id = f.create(spec)
	if state := f.inspect(id); len(state.Addresses) > 0 || !state.StartedAt.IsZero() {
		f.Errorf("before its start it has the endpoints %v, and was started %s", state.Addresses, state.StartedAt)
	}
	f.start(id)
	return id, network
}

func endpointsAndStart(f *fixture) {
	id, network := f.inNetwork()
	state := f.inspect(id)
	if len(state.Addresses) != 1 || state.Addresses[0].NetworkID != network || !state.Addresses[0].Address.Is4() {
		f.Errorf("endpoints %v, want one in network %s", state.Addresses, network)
	}
	f.noError(f.engine.KillContainer(f.Context(), id, "SIGKILL"))
	f.untilState(id, "exited")
	f.start(id)
	if again := f.inspect(id).StartedAt; !again.After(state.StartedAt) {
		f.Errorf("started at %s, and again at %s", state.StartedAt, again)
	}
	sharer := f.spec("side", "SLEEP=forever")
	sharer.Service.NetworkMode = "container:" + id
	other := f.create(sharer)
	f.start(other)
	if state := f.inspect(other); state.NetworkMode != "container:"+id || len(state.Addresses) > 0 {
		f.Errorf("who shares a network is in mode %q, and has endpoints %v", state.NetworkMode, state.Addresses)
	}
}

// dial connects where the engine's networks are this machine's, and else says that there is no way.
func dial(f *fixture) {
	id, network := f.inNetwork("PORT_OPEN_AFTER=0s")
	at := netip.AddrPortFrom(f.inspect(id).Addresses[0].Address, 5432)
	conn, err := f.untilOpen(network, at)
	if errors.Is(err, engine.ErrNoRoute) {
		f.Log("this engine's networks are not this machine's")
		return
	}
	f.fatal(err)
	f.noError(conn.Close())
	f.noError(f.engine.KillContainer(f.Context(), id, "SIGKILL"))
	_, err = f.engine.Dial(f.Context(), "0123456789abcdef", at)
	if err == nil {
		f.Error("an unknown network has a route")
	}
}

// untilOpen waits for a server that is just starting: until then it is refused.
func (f *fixture) untilOpen(network string, at netip.AddrPort) (net.Conn, error) {
	f.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := f.engine.Dial(f.Context(), network, at)
		if !errors.Is(err, syscall.ECONNREFUSED) || time.Now().After(end) {
			return conn, err
		}
	}
}

func dialRefused(f *fixture) {
	id, network := f.inNetwork()
	at := netip.AddrPortFrom(f.inspect(id).Addresses[0].Address, 5432)
	_, err := f.engine.Dial(f.Context(), network, at)
	if !errors.Is(err, engine.ErrNoRoute) && !errors.Is(err, syscall.ECONNREFUSED) {
		f.Errorf("error %v, want one that says it was refused", err)
	}
}

func autoRemove(f *fixture) {
	spec := f.spec("job", "STDOUT=out\n", "EXIT_CODE=3")
	spec.AutoRemove = true
	exit, got := f.run(spec, engine.AttachOptions{}, "")
	if exit.Code != 3 || got.out != "out\n" {
		f.Errorf("exit %+v, printed %q; want 3, and what it prints", exit, got.out)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		_, err := f.engine.InspectContainer(f.Context(), spec.Name)
		if engine.IsNotFound(err) {
			return
		}
		if time.Now().After(end) {
			f.Fatal("it is still there")
		}
	}
}

func platform(f *fixture) {
	os, arch, err := f.engine.Platform(f.Context())
	f.noError(err)
	if os != "linux" || arch == "" {
		f.Errorf("platform %s/%s", os, arch)
	}
}

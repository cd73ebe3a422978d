package docker

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"tasks/executor/engine"
	"tasks/planner"
)

// Without proof of a local network, Dial connects to no address. An address of another machine's network may exist here
// too.
func TestDialStaysAtHome(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	for address, network := range map[string]string{
		"tcp://192.0.2.1:2375":        id,
		"ssh://192.0.2.1":             id,
		"npipe:////./pipe/docker":     id,
		"unix:///var/run/docker.sock": id, // this host has no bridge of this name
		"unix:///other.sock":          "",
	} {
		e := networks{&apiConnection{address: address}}
		_, err := e.Dial(t.Context(), network, netip.MustParseAddrPort("127.0.0.1:1"))
		if !errors.Is(err, engine.ErrNoRoute) {
			t.Errorf("%s: error %v, want no route", address, err)
		}
	}
}

func TestEndpointsHaveIPv4First(t *testing.T) {
	v4, v6 := netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("fd00::2")
	got := networkAddresses(container.InspectResponse{NetworkSettings: &container.NetworkSettings{Networks: map[string]*network.EndpointSettings{
		"both": {NetworkID: "1", IPAddress: v4, GlobalIPv6Address: v6}, "gone": nil, "stopped": {NetworkID: "2"},
	}}})
	if want := []engine.NetworkAddress{{NetworkID: "1", Address: v4}, {NetworkID: "1", Address: v6}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if none := networkAddresses(container.InspectResponse{}); none != nil {
		t.Errorf("%v, want none", none)
	}
}

func TestFilesAndAutoRemove(t *testing.T) {
	got, err := createOptions(planner.ContainerSpec{
		Name: "x", Image: "img", AutoRemove: true, Files: []planner.File{{Path: "/p", Content: []byte("x"), Mode: 0o555}},
		Service: types.ServiceConfig{Name: "db", ContainerSpec: types.ContainerSpec{NetworkMode: "container:1"}},
	}, "1.41")
	if err != nil {
		t.Fatal(err)
	}
	if !got.options.HostConfig.AutoRemove {
		t.Error("it stays when it has ended")
	}
	if diff := cmp.Diff([]copyFile{{Path: "/p", Content: []byte("x"), Mode: 0o555}}, got.files); diff != "" {
		t.Error(diff)
	}
}

func TestLinesOfALog(t *testing.T) {
	var lines []string
	w := &lineWriter{line: func(line string) bool {
		lines = append(lines, line)
		return line != "three"
	}}
	for _, part := range []string{"o", "ne\ntw", "o\r\nthree\n", "four"} {
		if _, err := w.Write([]byte(part)); err != nil && (!errors.Is(err, errStopReading) || len(lines) != 3) {
			t.Errorf("%q: %v", part, err)
		}
	}
	if want := []string{"one", "two", "three"}; !slices.Equal(lines, want) {
		t.Errorf("%q, want %q", lines, want)
	}
	if err := w.flush(); err != nil || lines[len(lines)-1] != "four" {
		t.Errorf("%v, lines %q", err, lines)
	}
}

func TestEndlessLineOfALogIsCut(t *testing.T) {
	got := 0
	w := &lineWriter{line: func(line string) bool { got += len(line); return true }}
	for range 5 {
		if _, err := w.Write(make([]byte, maxLineLength/2)); err != nil {
			t.Fatal(err)
		}
	}
	if got != 3*maxLineLength/2 {
		t.Errorf("%d bytes are handed on before the end", got)
	}
}

// The log of the last run begins after the end of the run before.
func TestLogStart(t *testing.T) {
	const never, early, late = "0001-01-01T00:00:00Z", "2026-01-02T03:04:05.6789012Z", "2026-01-02T03:04:06.5Z"
	for name, test := range map[string]struct {
		started, finished string
		isRunning         bool
		isRestarting      bool
		want              string
	}{
		"the first run goes on":              {early, never, true, false, ""},
		"never started":                      {never, never, false, false, ""},
		"no times":                           {"", "", false, false, ""},
		"a later run goes on":                {late, early, true, false, early},
		"the last run is over":               {early, late, false, false, "2026-01-02T03:04:05.5789012Z"},
		"the end was noted before the start": {late, early, false, false, "2026-01-02T03:04:05.5789012Z"},
		"between two runs":                   {early, late, true, true, "2026-01-02T03:04:05.5789012Z"},
	} {
		state := &container.State{StartedAt: test.started, FinishedAt: test.finished, Running: test.isRunning, Restarting: test.isRestarting}
		if got := logStart(state, startLag); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	over := &container.State{StartedAt: early, FinishedAt: late}
	if got := logStart(over, busyStartLag); got != "2026-01-02T03:04:04.6789012Z" {
		t.Errorf("on a busy machine: %q", got)
	}
	if got := logStart(nil, startLag); got != "" {
		t.Errorf("without a state: %q", got)
	}
}

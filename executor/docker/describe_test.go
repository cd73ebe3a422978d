package docker

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/system"

	"tasks/executor/engine"
)

func TestCountSubnets(t *testing.T) {
	defaults := addressPools(system.Info{})
	own := addressPools(system.Info{DefaultAddressPools: []system.NetworkAddressPool{
		{Base: netip.MustParsePrefix("10.200.0.0/16"), Size: 24}, {Base: netip.MustParsePrefix("fd00::/48"), Size: 64},
	}})
	for _, c := range []struct {
		name       string
		pools      []addressPool
		used       []string
		all, inUse int
	}{
		{"defaults", defaults, nil, 31, 0},
		{"two of the defaults", defaults, []string{"172.17.0.0/16", "192.168.16.0/20"}, 31, 2},
		{"outside", defaults, []string{"10.0.0.0/8", "fd00::/64"}, 31, 0},
		{"a large subnet", defaults, []string{"192.168.0.0/16"}, 31, 16},
		{"a small subnet", defaults, []string{"192.168.0.0/24"}, 31, 1},
		{"more than all", own, []string{"10.0.0.0/8", "10.200.1.0/24"}, 256, 256},
		{"configured", own, []string{"10.200.1.0/24", "10.200.2.0/24"}, 256, 2},
	} {
		var used []netip.Prefix
		for _, text := range c.used {
			used = append(used, netip.MustParsePrefix(text))
		}
		if all, inUse := countSubnets(c.pools, append(used, netip.Prefix{})); all != c.all || inUse != c.inUse {
			t.Errorf("%s: %d of %d, want %d of %d", c.name, inUse, all, c.inUse, c.all)
		}
	}
}

func TestSkewOf(t *testing.T) {
	begin := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	if got := skewOf("2026-01-01T13:00:01.5+01:00", begin, begin.Add(time.Second)); got != time.Second {
		t.Errorf("%v", got)
	}
	if got := skewOf("noon", begin, begin); got != 0 {
		t.Errorf("%v", got)
	}
}

func TestReadClientConfig(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func(variables map[string]string) (engine.ClientConfig, error) {
		return ReadClientConfig(func(name string) string {
			if name == "DOCKER_CONFIG" {
				return dir
			}
			return variables[name]
		})
	}
	write(`{"credsStore": "pass", "credHelpers": {"a.example": "ecr-login", "b.example": "pass"}}`)
	got, err := read(nil)
	want := engine.ClientConfig{
		File: filepath.Join(dir, "config.json"), Address: "unix:///var/run/docker.sock", Origin: "the default address",
		CredentialHelpers: []string{"docker-credential-ecr-login", "docker-credential-pass"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	got, err = read(map[string]string{"DOCKER_HOST": "tcp://user:password@far:2375", "DOCKER_CONTEXT": "other"})
	if err != nil || got.Address != "tcp://user@far:2375" || got.Origin != "DOCKER_HOST" {
		t.Errorf("%+v, %v", got, err)
	}
	write(`{"currentContext": "far"}`)
	if got, err = read(nil); err == nil || !strings.Contains(err.Error(), `no docker context "far"`) || got.Origin != "docker context far" {
		t.Errorf("%+v, %v", got, err)
	}
	write(`{`)
	if _, err = read(nil); err == nil {
		t.Error("no error for a broken file")
	}
}

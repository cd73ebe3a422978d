package build

import (
	"crypto/ed25519"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/client/pkg/versions"
	"golang.org/x/crypto/ssh/agent"

	"tasks/internal/toolbox"
)

// reaching is an attribute with a command of the build. The command fails without the attribute's effect.
type reaching struct {
	config types.BuildConfig
	// run is the text after RUN.
	run string
	// since is the first API version with the attribute. older is the error of older engines.
	since, older string
}

// TestAttributesReachTheBuild checks the effect within the build.
func TestAttributesReachTheBuild(t *testing.T) {
	image := toolbox.Image(t)
	tests := map[string]reaching{
		"args":               {config: types.BuildConfig{Args: types.MappingWithEquals{"WHO": new("me")}}, run: `test "$WHO" = me`},
		"no network":         {config: types.BuildConfig{Network: "none"}, run: `test "$(ls /sys/class/net)" = lo`},
		"extra_hosts":        {config: types.BuildConfig{ExtraHosts: types.HostsList{"far": {"192.0.2.7"}}}, run: `grep -q 192.0.2.7 /etc/hosts`},
		"ssh":                {config: types.BuildConfig{SSH: types.SSHConfig{{ID: "deploy", Path: sshAgent(t)}}}, run: `--mount=type=ssh,id=deploy,required test -S "$SSH_AUTH_SOCK"`},
		"shm_size":           {config: types.BuildConfig{ShmSize: 3 << 20}, run: `grep " /dev/shm .*size=3072k" /proc/mounts`, since: namedContextsAPI, older: "build.shm_size: needs Docker Engine 23.0"},
		"ulimits":            {config: types.BuildConfig{Ulimits: map[string]*types.UlimitsConfig{"core": {Soft: 123, Hard: 456}}}, run: `grep "core file size *123 *456" /proc/self/limits`, since: namedContextsAPI, older: "build.ulimits: needs Docker Engine 23.0"},
		"a folder's context": {config: types.BuildConfig{AdditionalContexts: types.Mapping{"more": folder(t)}}, run: `--mount=from=more,target=/more test -e /more/Dockerfile`, since: namedContextsAPI, older: "build.additional_contexts: needs Docker Engine 23.0"},
		"an image's context": {config: types.BuildConfig{AdditionalContexts: types.Mapping{"more": "docker-image://" + image}}, run: `--mount=from=more,target=/more test -e /more/bin/sh`, since: namedContextsAPI, older: "build.additional_contexts: needs Docker Engine 23.0"},
		"host-gateway":       {config: types.BuildConfig{ExtraHosts: types.HostsList{"gate": {hostGateway}}}, run: `grep -q gate /etc/hosts`, since: namedContextsAPI, older: "build.extra_hosts.gate: host-gateway needs Docker Engine 23.0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newEngineBuild(t, map[string]string{"Dockerfile": "FROM " + image + "\nARG WHO\nRUN " + mark(test.run) + "\n"})
			err := b.build(test.config)
			switch old := test.since != "" && versions.LessThan(b.api.ClientVersion(), test.since); {
			case old && (err == nil || !strings.Contains(err.Error(), test.older)):
				t.Errorf("error %v; want one that says %q", err, test.older)
			case !old && err != nil:
				t.Error(err)
			}
		})
	}
}

// mark makes a command unique, because the engine keeps the results of earlier runs.
func mark(run string) string {
	options, command := "", run
	for strings.HasPrefix(command, "--") {
		option, rest, _ := strings.Cut(command, " ")
		options, command = options+option+" ", rest
	}
	return options + ": " + unique() + "; " + command
}

// sshAgent listens on its own socket, and has one key.
func sshAgent(t *testing.T) string {
	t.Helper()
	keys := agent.NewKeyring()
	_, key, err := ed25519.GenerateKey(nil)
	if err == nil {
		err = keys.Add(agent.AddedKey{PrivateKey: key})
	}
	socket := filepath.Join(t.TempDir(), "agent")
	listener, err2 := net.Listen("unix", socket)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go agent.ServeAgent(keys, conn)
		}
	}()
	return socket
}

// TestNoCacheRepeatsTheBuild compares the results of a command. Each real run has a different result.
func TestNoCacheRepeatsTheBuild(t *testing.T) {
	b := newEngineBuild(t, map[string]string{
		"Dockerfile": "FROM " + toolbox.Image(t) + " AS one\nRUN cat /proc/sys/kernel/random/uuid >/made\nFROM one AS two\nRUN echo two >/two\n",
	})
	made := func(c types.BuildConfig) string {
		t.Helper()
		if err := b.build(c); err != nil {
			t.Fatal(err)
		}
		return b.inspect().RootFS.Layers[1]
	}
	first := made(types.BuildConfig{NoCache: true})
	if made(types.BuildConfig{}) != first {
		t.Error("the build was repeated without no_cache")
	}
	if made(types.BuildConfig{NoCacheFilter: types.StringList{"two"}}) != first {
		t.Error("stage one was repeated with no_cache_filter: [two]")
	}
	if made(types.BuildConfig{NoCacheFilter: types.StringList{"one"}}) == first {
		t.Error("stage one was not repeated with no_cache_filter: [one]")
	}
	if second := made(types.BuildConfig{}); made(types.BuildConfig{NoCache: true}) == second {
		t.Error("the build was not repeated with no_cache")
	}
}

// TestForbiddenEntitlement: by default, engines allow no privileged builds.
func TestForbiddenEntitlement(t *testing.T) {
	b := newEngineBuild(t, map[string]string{"Dockerfile": "FROM scratch\n"})
	err := b.build(types.BuildConfig{Privileged: true})
	if err == nil || !strings.Contains(err.Error(), "security.insecure") || !strings.Contains(err.Error(), "builder.entitlements") {
		t.Errorf("error %v; want one that names the entitlement, and where it is allowed", err)
	}
}

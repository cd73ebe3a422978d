//go:build unix

package containers_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
	"tasks/internal/toolbox"
)

// remoteCompose uses all that goes over connections of its own: a build with its files, the streams of a one-off with the end of
// its input, a healthcheck run by exec, and events.
const remoteCompose = `services:
  web:
    build: .
    depends_on: {db: {condition: service_healthy}}
  db:
    @offline
    command: [sleep, infinity]
    healthcheck: {test: [CMD, "true"], interval: 30s}
`

const remoteTasks = `
task "copy" {
  service = "web"
  command = ["sh", "-c", "cat; cat /file; exit 3"]
}
task "wait" {
  service = "web"
  no_deps = true
  command = ["signals"]
}
`

func newRemoteApp(t *testing.T) *apptest.App {
	t.Helper()
	a := apptest.NewApp(t, remoteCompose, remoteTasks)
	a.Write("Dockerfile", "FROM @image\nCOPY file /file\n")
	a.Write("file", "the file of "+a.Project+"\n")
	t.Cleanup(func() {
		if _, err := toolbox.Client(t).ImageRemove(context.Background(), a.Project+"-web", client.ImageRemoveOptions{}); err != nil && !errdefs.IsNotFound(err) {
			t.Error(err)
		}
	})
	return a
}

func TestEngineBehindAPort(t *testing.T) {
	t.Parallel()
	a := newRemoteApp(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	forwardConnections(t, listener, apptest.Socket(t, a))
	b := *a // what is left is removed without it
	b.Env = append(a.Env, "DOCKER_HOST=tcp://"+listener.Addr().String())
	b.RunCopies()
}

func TestEngineBehindTLS(t *testing.T) {
	t.Parallel()
	a := newRemoteApp(t)
	certificates := newCertificates(t)
	host := certificates.serve(t, apptest.Socket(t, a))
	t.Run("by the environment", func(t *testing.T) {
		b := *a
		b.T, b.Env = t, append(a.Env, "DOCKER_HOST=tcp://"+host, "DOCKER_TLS_VERIFY=1", "DOCKER_CERT_PATH="+certificates.dir("client"))
		b.RunCopies()
	})
	t.Run("by a context", func(t *testing.T) {
		b := *a
		b.T, b.Env = t, append(a.Env, "DOCKER_HOST=", "DOCKER_CONTEXT=far", "DOCKER_CONFIG="+certificates.context(t, "far", "tcp://"+host))
		b.RunCopies()
	})
}

func TestEngineBehindTLSIsRefused(t *testing.T) {
	t.Parallel()
	a := newRemoteApp(t)
	certificates, others := newCertificates(t), newCertificates(t)
	host := certificates.serve(t, apptest.Socket(t, a))
	for name, test := range map[string]struct{ env, says []string }{
		"another authority": {
			[]string{"DOCKER_TLS_VERIFY=1", "DOCKER_CERT_PATH=" + others.dir("client")},
			[]string{"certificate signed by unknown authority", "ca.pem"},
		},
		"no certificate": {
			[]string{"DOCKER_TLS_VERIFY=1", "DOCKER_CERT_PATH=" + certificates.dir("ca-only")},
			[]string{"certificate required", "cert.pem", "key.pem"},
		},
		"another's certificate": {
			[]string{"DOCKER_TLS_VERIFY=1", "DOCKER_CERT_PATH=" + certificates.mixed(others)},
			[]string{"cert.pem", "key.pem"},
		},
		"no TLS": {nil, []string{"DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := *a
			b.T, b.Env = t, append(append([]string{}, a.Env...), append(test.env, "DOCKER_HOST=tcp://"+host)...)
			b.Start("run", "copy").Wait().ExpectStderr(t, 125, append(test.says, "tcp://"+host)...)
		})
	}
}

// fakeSSH is an ssh that runs the command here, and notes how it was called.
func fakeSSH(t *testing.T, script string) (path, calls string) {
	t.Helper()
	dir := t.TempDir()
	calls = filepath.Join(dir, "calls")
	text := "#!/bin/sh\necho \"$@\" >> " + calls + "\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(dir, "ssh"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return "PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH"), calls
}

func TestEngineBehindSSH(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("docker"); err != nil {
		t.Skip("no docker command, which the other end of ssh runs")
	}
	a := newRemoteApp(t)
	// What the other end runs knows nothing of how this end came there.
	path, calls := fakeSSH(t, "unset DOCKER_CONTEXT; export DOCKER_HOST=unix://"+apptest.Socket(t, a)+"\nfor last; do :; done; eval \"exec $last\"")
	a.Env = append(a.Env, path)
	t.Run("by the environment", func(t *testing.T) {
		b := *a
		b.T, b.Env = t, append(a.Env, "DOCKER_HOST=ssh://me@far.example:2222")
		b.RunCopies()
	})
	t.Run("by the current context", func(t *testing.T) {
		b := *a
		config := dockerConfigDir(t, `{"currentContext":"far"}`, map[string]string{"far": "ssh://me@far.example:2222"})
		b.T, b.Env = t, append(a.Env, "DOCKER_HOST=", "DOCKER_CONFIG="+config)
		b.RunCopies()
	})
	called, err := os.ReadFile(calls)
	if want := "-l me -p 2222 -o ConnectTimeout=30 -T -- far.example docker system dial-stdio\n"; err != nil || !strings.HasPrefix(string(called), want) {
		t.Errorf("ssh was called with %q (%v); want %q first", called, err, want)
	}
}

func TestEngineThatIsNotThere(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	tcp := "tcp://" + closed.Addr().String()
	path, _ := fakeSSH(t, "echo 'ssh: Could not resolve hostname far.example' >&2; exit 255")
	none := filepath.Join(t.TempDir(), "none.sock")
	contexts := dockerConfigDir(t, `{}`, map[string]string{"near": "unix://" + none, "far": "ssh://far.example"})
	for name, test := range map[string]struct{ env, says []string }{
		"a port":          {[]string{"DOCKER_HOST=" + tcp}, []string{tcp, "connection refused, or no answer in time", "start it"}},
		"a socket":        {[]string{"DOCKER_HOST=unix://" + none}, []string{"unix://" + none, "no such file", "start it"}},
		"a context":       {[]string{"DOCKER_HOST=", "DOCKER_CONFIG=" + contexts, "DOCKER_CONTEXT=near"}, []string{"unix://" + none}},
		"ssh":             {[]string{"DOCKER_HOST=ssh://far.example", path}, []string{"ssh://far.example", "Could not resolve hostname far.example", "`ssh far.example docker version`"}},
		"an unknown name": {[]string{"DOCKER_HOST=tcp://no-such-host.invalid:2375"}, []string{"tcp://no-such-host.invalid:2375", "lookup no-such-host.invalid"}},
		"an unknown context": {[]string{"DOCKER_HOST=", "DOCKER_CONFIG=" + contexts, "DOCKER_CONTEXT=fra"}, []string{
			`there is no docker context "fra"; there are: default, far, near`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := a.Command("run", "x")
			cmd.Env = append(cmd.Env, test.env...)
			r := a.Launch(cmd).Wait()
			r.ExpectStderr(t, 125, test.says...)
		})
	}
}

// dockerConfigDir is a folder of docker's configuration: a config.json, and contexts by name and address.
func dockerConfigDir(t *testing.T, config string, contexts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "config.json"), config)
	for name, host := range contexts {
		meta := fmt.Sprintf(`{"Name":%q,"Metadata":{},"Endpoints":{"docker":{"Host":%q,"SkipTLSVerify":false}}}`, name, host)
		writeFile(t, filepath.Join(dir, "contexts", "meta", contextID(name), "meta.json"), meta)
	}
	return dir
}

func contextID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

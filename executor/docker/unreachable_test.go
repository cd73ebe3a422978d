package docker

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestUnreachableSaysWhatToDo(t *testing.T) {
	const ssh = `error during connect: Get "http://docker.example.com/_ping": command [ssh -T -- far docker system dial-stdio] has exited with exit status 255, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=ssh: no route
to host
`
	tests := []struct{ address, err, cause, advice string }{
		{"ssh://far", ssh, "(ssh: no route to host)", "make sure that `ssh far docker version` works without a prompt"},
		{"ssh://me@far:2222/run/docker.sock", ssh, "(ssh: no route to host)", "make sure that `ssh -p 2222 me@far docker --host=unix:///run/docker.sock version` works without a prompt"},
		{"unix:///var/run/docker.sock", "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock", "(permission denied while", "join the group that owns it"},
		{"tcp://a:1", "Cannot connect to the Docker daemon at tcp://a:1. Is the docker daemon running?", "(connection refused, or no answer in time)", "start it, or name another"},
		{"tcp://a:1", "x509: certificate is valid for b, not a", "(x509: certificate is valid for b, not a)", "in ca.pem"},
		{"tcp://a:1", "remote error: tls: bad certificate", "(remote error: tls: bad certificate)", "cert.pem and key.pem"},
	}
	for _, test := range tests {
		text := (&UnreachableError{Address: test.address, Err: errors.New(test.err)}).Error()
		for _, want := range []string{"no Docker engine answers at " + test.address + " ", test.cause, test.advice} {
			if !strings.Contains(text, want) {
				t.Errorf("%q lacks %q", text, want)
			}
		}
	}
}

// TestErrorsHaveNoPassword: an address may have a password, and no error shows the password.
func TestErrorsHaveNoPassword(t *testing.T) {
	const password = "topsecret/7@x"
	for _, scheme := range []string{"tcp", "http", "ssh", "odd"} {
		host := scheme + "://me:" + password + "@127.0.0.1:1"
		engine, err := Connect(Options{Getenv: variables("DOCKER_HOST", host)})
		if err == nil {
			_, err = engine.APIVersion(t.Context())
		}
		if err == nil || strings.Contains(err.Error(), "topsecret") || !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: %v", scheme, err)
		}
	}
	both := tail{limit: 8}
	_, _ = both.Write([]byte("topsecret"))
	if got := both.text(); got != "…ecret" {
		t.Errorf("a cut output is %q, without a mark", got)
	}
}

// TestOneSideSpeaksTLS: the messages come from Go's servers and clients, and may change.
func TestOneSideSpeaksTLS(t *testing.T) {
	answers := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Api-Version", "1.41") })
	plain, secure := httptest.NewServer(answers), httptest.NewTLSServer(answers)
	defer plain.Close()
	defer secure.Close()
	dir := t.TempDir()
	certificates(t, dir)
	for _, test := range []struct {
		server *httptest.Server
		env    []string
		advice string
	}{
		{secure, nil, "if it speaks TLS, set DOCKER_TLS_VERIFY=1"},
		{plain, []string{"DOCKER_TLS_VERIFY", "1", "DOCKER_CERT_PATH", dir}, "it speaks no TLS: unset DOCKER_TLS_VERIFY"},
		{secure, []string{"DOCKER_TLS_VERIFY", "1", "DOCKER_CERT_PATH", dir}, "has to stand in ca.pem"},
	} {
		host := "tcp://" + test.server.Listener.Addr().String()
		engine, err := Connect(Options{Getenv: variables(append(test.env, "DOCKER_HOST", host)...)})
		if err != nil {
			t.Fatal(err)
		}
		_, err = engine.APIVersion(t.Context())
		if _, ok := errors.AsType[*UnreachableError](err); !ok || !strings.Contains(err.Error(), test.advice) {
			t.Errorf("error %v; want one that says %q", err, test.advice)
		}
	}
}

func TestContextsAreNamed(t *testing.T) {
	home := dockerHome(t, `{}`, map[string]string{"near": "unix:///x", "far": "ssh://far"})
	write(t, filepath.Join(home, "contexts", "meta", contextID("bad"), "meta.json"), "{")
	_, err := Connect(Options{Getenv: variables("DOCKER_CONFIG", home, "DOCKER_CONTEXT", "nera")})
	want := "there is no docker context \"nera\"; there are: default, far, near; choose one with DOCKER_CONTEXT or `docker context use`"
	if err == nil || err.Error() != want {
		t.Errorf("error %v; want %q", err, want)
	}
}

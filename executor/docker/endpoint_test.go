package docker

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// variables is an environment.
func variables(pairs ...string) environment {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return values[name] }
}

// dockerHome is a folder with docker's configuration: a config.json, and contexts by name and address.
func dockerHome(t *testing.T, config string, contexts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.json"), config)
	for name, host := range contexts {
		meta := fmt.Sprintf(`{"Name":%q,"Metadata":{},"Endpoints":{"docker":{"Host":%q,"SkipTLSVerify":false}}}`, name, host)
		write(t, filepath.Join(dir, "contexts", "meta", contextID(name), "meta.json"), meta)
	}
	return dir
}

func contextID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhichEngine(t *testing.T) {
	home := dockerHome(t, `{"currentContext":"remote"}`, map[string]string{"remote": "tcp://remote:2375", "other": "ssh://me@other"})
	plain := dockerHome(t, `{}`, nil)
	tests := []struct {
		name string
		env  environment
		want string
	}{
		{"nothing set", variables("DOCKER_CONFIG", plain), client.DefaultDockerHost},
		{"DOCKER_HOST", variables("DOCKER_CONFIG", home, "DOCKER_HOST", "tcp://a:1", "DOCKER_CONTEXT", "other"), "tcp://a:1"},
		{"without scheme", variables("DOCKER_CONFIG", home, "DOCKER_HOST", "a:1"), "tcp://a:1"},
		{"a path", variables("DOCKER_CONFIG", home, "DOCKER_HOST", "/run/x.sock"), "unix:///run/x.sock"},
		{"DOCKER_CONTEXT", variables("DOCKER_CONFIG", home, "DOCKER_CONTEXT", "other"), "ssh://me@other"},
		{"current context", variables("DOCKER_CONFIG", home), "tcp://remote:2375"},
		{"default context", variables("DOCKER_CONFIG", home, "DOCKER_CONTEXT", "default"), client.DefaultDockerHost},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			engine, err := Connect(Options{Getenv: test.env, UserAgent: "test"})
			if err != nil {
				t.Fatal(err)
			}
			defer engine.Close()
			if engine.Address() != test.want {
				t.Errorf("address %q, want %q", engine.Address(), test.want)
			}
		})
	}
}

func TestWhichEngineFails(t *testing.T) {
	broken := dockerHome(t, `{}`, nil)
	write(t, filepath.Join(broken, "contexts", "meta", contextID("bad"), "meta.json"), "{")
	write(t, filepath.Join(broken, "contexts", "meta", contextID("empty"), "meta.json"), `{"Name":"empty"}`)
	tests := []struct {
		name string
		env  environment
		says string
	}{
		{"unknown context", variables("DOCKER_CONFIG", broken, "DOCKER_CONTEXT", "nope"), `no docker context "nope"`},
		{"unreadable context", variables("DOCKER_CONFIG", broken, "DOCKER_CONTEXT", "bad"), `docker context "bad"`},
		{"context without engine", variables("DOCKER_CONFIG", broken, "DOCKER_CONTEXT", "empty"), "names no Docker engine"},
		{"unreadable configuration", variables("DOCKER_CONFIG", dockerHome(t, "{", nil)), "docker configuration"},
		{"unknown scheme", variables("DOCKER_HOST", "ssh://"), "ssh"},
		{"bad version", variables("DOCKER_HOST", "tcp://a:1", "DOCKER_API_VERSION", "new"), "new"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Connect(Options{Getenv: test.env}); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want one that says %q", err, test.says)
			}
		})
	}
}

// certificates writes ca.pem, cert.pem and key.pem.
func certificates(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	write(t, filepath.Join(dir, "ca.pem"), certificate)
	write(t, filepath.Join(dir, "cert.pem"), certificate)
	write(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

func TestCertificatesOfTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	certificates(t, dir)
	tests := []struct {
		name        string
		env         environment
		tls, verify bool
	}{
		{"none", variables("DOCKER_HOST", "tcp://a:2375"), false, false},
		{"verified", variables("DOCKER_HOST", "tcp://a:2376", "DOCKER_CERT_PATH", dir, "DOCKER_TLS_VERIFY", "1"), true, true},
		{"not verified", variables("DOCKER_HOST", "tcp://a:2376", "DOCKER_CERT_PATH", dir), true, false},
		{"in the configuration", variables("DOCKER_HOST", "tcp://a:2376", "DOCKER_CONFIG", dir, "DOCKER_TLS_VERIFY", "1"), true, true},
		{"not for a socket", variables("DOCKER_HOST", "unix:///x", "DOCKER_CERT_PATH", dir, "DOCKER_TLS_VERIFY", "1"), false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, err := test.env.endpoint(nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := e.tls != nil; got != test.tls {
				t.Fatalf("TLS %t, want %t", got, test.tls)
			}
			if test.tls && (e.tls.InsecureSkipVerify == test.verify || len(e.tls.Certificates) != 1) {
				t.Errorf("verifies %t with %d certificates, want %t with 1", !e.tls.InsecureSkipVerify, len(e.tls.Certificates), test.verify)
			}
		})
	}
}

func TestCertificatesOfAContext(t *testing.T) {
	home := dockerHome(t, `{"currentContext":"safe"}`, map[string]string{"safe": "tcp://a:2376"})
	env := variables("DOCKER_CONFIG", home)
	dir := filepath.Join(home, "contexts", "tls", contextID("safe"), "docker")
	if e, err := env.endpoint(env.loadConfig); err != nil || e.tls != nil {
		t.Errorf("TLS %v, error %v; want none of a context without certificates", e.tls, err)
	}
	certificates(t, dir)
	e, err := env.endpoint(env.loadConfig)
	if err != nil {
		t.Fatal(err)
	}
	if e.tls == nil || e.tls.RootCAs == nil || len(e.tls.Certificates) != 1 || e.tls.InsecureSkipVerify {
		t.Errorf("TLS %+v; want an authority, one certificate, and verification", e.tls)
	}
	write(t, filepath.Join(dir, "ca.pem"), "rubbish")
	if _, err := env.endpoint(env.loadConfig); err == nil || !strings.Contains(err.Error(), `context "safe"`) {
		t.Errorf("error %v, want one that names the context", err)
	}
}

package docker

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The docker command stores its contexts in files: contexts/meta/<sha256 of the name>/meta.json. The engine's
// certificates are in contexts/tls/<same>/docker. This file reads both directly, because the command's own package adds
// import, export, writing and two modules.

type contextMeta struct {
	Name      string
	Endpoints map[string]struct {
		Host          string
		SkipTLSVerify bool
	}
}

// readContext reads the engine's address and certificates from a context.
func readContext(dir, name string) (endpoint, error) {
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	raw, err := os.ReadFile(filepath.Join(dir, "meta", id, "meta.json"))
	if errors.Is(err, fs.ErrNotExist) {
		const format = "there is no docker context %q; there are: %s; choose one with DOCKER_CONTEXT or `docker context use`"
		return endpoint{}, fmt.Errorf(format, name, strings.Join(contextNames(dir), ", "))
	}
	if err != nil {
		return endpoint{}, fmt.Errorf("read docker context %q: %w", name, err)
	}
	var meta contextMeta
	if err := json.Unmarshal(raw, &meta); err != nil {
		return endpoint{}, fmt.Errorf("read docker context %q: %w", name, err)
	}
	docker, ok := meta.Endpoints["docker"]
	if !ok || docker.Host == "" {
		const format = "docker context %q names no Docker engine; choose another with `docker context use`"
		return endpoint{}, fmt.Errorf(format, name)
	}
	e := endpoint{host: docker.Host}
	if isSocket(e.host) {
		return e, nil
	}
	e.tls, err = contextTLS(filepath.Join(dir, "tls", id, "docker"), docker.SkipTLSVerify)
	if err != nil {
		return endpoint{}, fmt.Errorf("read the certificates of docker context %q: %w", name, err)
	}
	return e, nil
}

// contextNames lists the existing contexts, without unreadable contexts.
func contextNames(dir string) []string {
	names := []string{"default"}
	files, _ := filepath.Glob(filepath.Join(dir, "meta", "*", "meta.json")) // the pattern is valid
	for _, file := range files {
		var meta contextMeta
		if raw, err := os.ReadFile(file); err == nil && json.Unmarshal(raw, &meta) == nil && meta.Name != "" {
			names = append(names, meta.Name)
		}
	}
	slices.Sort(names)
	return names
}

// contextTLS reads the existing certificates. Nil means: the context has none, and the connection is plain.
func contextTLS(dir string, skipVerify bool) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: skipVerify}
	found := skipVerify
	ca, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	switch {
	case err == nil:
		found = true
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(ca) {
			return nil, errors.New("ca.pem holds no certificate")
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	switch {
	case err == nil:
		found = true
		cfg.Certificates = []tls.Certificate{pair}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if !found {
		return nil, nil
	}
	return cfg, nil
}

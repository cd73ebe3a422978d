//go:build unix

package containers_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// certificates are an authority's: for an engine, and for who may talk to it.
type certificates struct {
	t      *testing.T
	ca     *x509.Certificate
	key    *ecdsa.PrivateKey
	server tls.Certificate
	root   string
}

// newCertificates makes an authority, a certificate for 127.0.0.1, and one for a client. In the folder client are ca.pem,
// cert.pem and key.pem, as docker wants them; in ca-only the first alone.
func newCertificates(t *testing.T) *certificates {
	t.Helper()
	c := &certificates{t: t, root: t.TempDir()}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "a test's authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	ca := c.sign(template)
	c.ca = ca.Leaf
	c.server = c.sign(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	client := c.sign(&x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	c.write("client", ca, &client)
	c.write("ca-only", ca, nil)
	return c
}

// sign makes a certificate with a new key. The first one is signed by itself.
func (c *certificates) sign(template *x509.Certificate) tls.Certificate {
	c.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent := c.ca
	if parent == nil {
		parent, c.key = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, c.key)
	if err != nil {
		c.t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		c.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func (c *certificates) dir(name string) string { return filepath.Join(c.root, name) }

func (c *certificates) write(name string, ca tls.Certificate, client *tls.Certificate) {
	c.t.Helper()
	writeFile(c.t, filepath.Join(c.dir(name), "ca.pem"), pemText("CERTIFICATE", ca.Certificate[0]))
	if client == nil {
		return
	}
	key, err := x509.MarshalPKCS8PrivateKey(client.PrivateKey)
	if err != nil {
		c.t.Fatal(err)
	}
	writeFile(c.t, filepath.Join(c.dir(name), "cert.pem"), pemText("CERTIFICATE", client.Certificate[0]))
	writeFile(c.t, filepath.Join(c.dir(name), "key.pem"), pemText("PRIVATE KEY", key))
}

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// mixed trusts this authority and shows the certificate of another.
func (c *certificates) mixed(other *certificates) string {
	c.t.Helper()
	dir := c.t.TempDir()
	for name, from := range map[string]*certificates{"ca.pem": c, "cert.pem": other, "key.pem": other} {
		content, err := os.ReadFile(filepath.Join(from.dir("client"), name))
		if err != nil {
			c.t.Fatal(err)
		}
		writeFile(c.t, filepath.Join(dir, name), string(content))
	}
	return dir
}

// context is a folder of docker's configuration with one context, and its certificates.
func (c *certificates) context(t *testing.T, name, host string) string {
	t.Helper()
	dir := dockerConfigDir(t, "{}", map[string]string{name: host})
	if err := os.CopyFS(filepath.Join(dir, "contexts", "tls", contextID(name), "docker"), os.DirFS(c.dir("client"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// serve stands in front of a socket, speaks TLS, and wants a certificate of this authority.
func (c *certificates) serve(t *testing.T, socket string) (address string) {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(c.ca)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{c.server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	})
	if err != nil {
		t.Fatal(err)
	}
	forwardConnections(t, listener, socket)
	return listener.Addr().String()
}

// forwardConnections passes connections on to a socket, until the test ends.
func forwardConnections(t *testing.T, listener net.Listener, socket string) {
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go joinConnections(conn.(halfCloser), socket)
		}
	}()
}

// halfCloser is a connection whose two directions end apart.
type halfCloser interface {
	net.Conn
	CloseWrite() error
}

// joinConnections joins two connections; the end of either direction is passed on as well.
func joinConnections(outer halfCloser, socket string) {
	defer outer.Close()
	inner, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer inner.Close()
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(outer, inner)
		_ = outer.CloseWrite()
	}()
	_, _ = io.Copy(inner, outer)
	_ = inner.(halfCloser).CloseWrite()
	<-back
}

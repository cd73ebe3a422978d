package docker

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/moby/client"
)

// UnreachableError says that no compatible engine answered, with advice.
type UnreachableError struct {
	// Address is the tried address, such as unix:///var/run/docker.sock.
	Address string
	Err     error
}

func (e *UnreachableError) Error() string { return e.Fact() + "; " + e.Advice() }

// Fact returns the message without the advice.
func (e *UnreachableError) Fact() string {
	return withoutPassword(fmt.Sprintf("no Docker engine answers at %s (%s)", e.Address, rootCause(e.Err)))
}

// Advice returns the remedy.
func (e *UnreachableError) Advice() string { return withoutPassword(e.advice()) }

// withoutPassword takes the passwords out of the addresses in a text: tcp://user:password@host. A password with a slash
// is a wrong port for Go.
func withoutPassword(text string) string {
	text = regexp.MustCompile(`(://[^/\s:@]*):[^\s"]*@`).ReplaceAllString(text, "$1@")
	return regexp.MustCompile(`invalid port "[^"]*"`).ReplaceAllString(text, "invalid port")
}

// passwordError is an error with addresses without passwords in its text.
type passwordError struct{ error }

func (e passwordError) Error() string { return withoutPassword(e.error.Error()) }

func (e passwordError) Unwrap() error { return e.error }

func (e *UnreachableError) Unwrap() error { return e.Err }

// rootCause returns the innermost reason. The client wraps the reason in its own advice, and the advice would appear
// twice.
func rootCause(err error) string {
	text := err.Error()
	if op, ok := errors.AsType[*net.OpError](err); ok {
		text = op.Err.Error()
	} else if request, ok := errors.AsType[*url.Error](err); ok {
		text = request.Err.Error()
	}
	if _, stderr, found := strings.Cut(text, ": stderr="); found { // stderr of the connecting program
		text = strings.Join(strings.Fields(stderr), " ")
	}
	if strings.HasPrefix(text, "Cannot connect to the Docker daemon") { // the client gives no other detail here
		return "connection refused, or no answer in time"
	}
	return text
}

// connectionProblem is a known kind of failed connection: words of the error, and advice.
type connectionProblem struct {
	words  []string
	advice string
}

// advice returns the advice for the error. The libraries report several causes only as text.
func (e *UnreachableError) advice() string {
	if target, ok := strings.CutPrefix(e.Address, "ssh://"); ok {
		return "make sure that `" + sshCommand(target) + "` works without a prompt"
	}
	message := e.Err.Error()
	for _, known := range []connectionProblem{
		{[]string{"permission denied"}, "your user has no access: join the group that owns it, usually docker"},
		{[]string{"x509:", "failed to verify certificate"},
			"the authority of its certificate has to stand in ca.pem, in DOCKER_CERT_PATH or with the docker context"},
		{[]string{"tls: certificate required", "tls: unknown certificate authority", "bad certificate", "handshake failure"},
			"it wants a certificate that it knows: cert.pem and key.pem, in DOCKER_CERT_PATH or with the docker context"},
		{[]string{"HTTP response to HTTPS client"},
			"it speaks no TLS: unset DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH"},
		{[]string{"HTTP request to an HTTPS server", "malformed HTTP response", "EOF", "connection reset"},
			"if it speaks TLS, set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or use a docker context with certificates"},
	} {
		if slices.ContainsFunc(known.words, func(words string) bool { return strings.Contains(message, words) }) {
			return known.advice
		}
	}
	return "start it, or name another with DOCKER_HOST or `docker context use`"
}

// sshCommand returns the command for a manual try of the same connection.
func sshCommand(target string) string {
	host, path, _ := strings.Cut(target, "/")
	command := "ssh "
	if name, port, err := net.SplitHostPort(host); err == nil {
		host = name
		command += "-p " + port + " "
	}
	command += host + " docker "
	if path != "" {
		command += "--host=unix:///" + path + " "
	}
	return command + "version"
}

func isUnreachable(err error) bool {
	if client.IsErrConnectionFailed(err) || strings.Contains(err.Error(), "HTTP request to an HTTPS server") {
		return true
	}
	// The connection for a hijack is dialled without the client's own error mapping.
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

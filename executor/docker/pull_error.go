package docker

import (
	"slices"
	"strings"

	"github.com/distribution/reference"
)

// pullError is a failed pull with advice.
type pullError struct {
	err    error
	advice string
}

func (e *pullError) Error() string { return e.err.Error() + "; " + e.advice }
func (e *pullError) Unwrap() error { return e.err }

// withPullAdvice adds advice. The engine reports problems of a registry, or of the network, only as text.
func withPullAdvice(err error, ref, auth string) error {
	named, parseErr := reference.ParseNormalizedNamed(ref)
	if parseErr != nil {
		return err
	}
	failure := pullFailure{ref: ref, registry: reference.Domain(named), hasCredentials: auth != ""}
	message := strings.ToLower(err.Error())
	for _, known := range failure.knownFailures() {
		if slices.ContainsFunc(known.words, func(words string) bool { return strings.Contains(message, words) }) {
			return &pullError{err: err, advice: known.advice}
		}
	}
	return err
}

// pullFailure holds the facts about a failed pull.
type pullFailure struct {
	ref, registry string
	// hasCredentials reports whether there were credentials for the registry.
	hasCredentials bool
}

// knownFailure is a known kind of failed pull: words of the engine, and advice.
type knownFailure struct {
	words  []string
	advice string
}

// knownFailures lists the known kinds, the special before the general.
func (f pullFailure) knownFailures() []knownFailure {
	return []knownFailure{
		{[]string{"toomanyrequests", "rate limit"},
			"wait, or log in with `" + f.loginCommand() + "`, which allows more"},
		{[]string{"http response to https client"},
			"name " + f.registry + " among the insecure-registries of the engine, or give the registry a certificate"},
		{[]string{"x509:", "tls:"},
			"the engine has to trust its certificate: put the authority's into /etc/docker/certs.d/" + f.registry + "/ca.crt " +
				"beside the engine"},
		{[]string{"no matching manifest", "does not match the specified platform", "the local image is for"},
			"choose a platform that the image is made for, or another image"},
		{[]string{"does not exist or may require"},
			"correct the name " + f.ref + ", or, if it is private, log in with `" + f.loginCommand() + "`"},
		{[]string{"unauthorized", "no basic auth credentials", "authentication required", "denied"}, f.accessAdvice()},
		{[]string{"manifest unknown", "name unknown", "not found"},
			f.registry + " has no such image: correct the name or the tag"},
		{[]string{
			"no such host", "connection refused", "timeout", "deadline exceeded", "no route to host", "unreachable", "dial tcp",
		},
			"the engine cannot reach " + f.registry + ": check the image name, or the network and proxy of the engine"},
	}
}

func (f pullFailure) loginCommand() string {
	if f.registry == "docker.io" {
		return "docker login"
	}
	return "docker login " + f.registry
}

func (f pullFailure) accessAdvice() string {
	if f.hasCredentials {
		return f.registry + " does not accept the name and password that are kept for it, or not for this image: " +
			"log in again with `" + f.loginCommand() + "`"
	}
	return "log in with `" + f.loginCommand() + "`"
}

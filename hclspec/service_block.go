package hclspec

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/shellwords"
)

// EvaluateReadiness evaluates the service blocks for a spec of [OnceSpec], and adds their secrets to the spec.
// With errors the result is nil.
func (f *File) EvaluateReadiness(in Inputs, spec *Spec) (map[string]*Readiness, hcl.Diagnostics) {
	e := newEvaluation(f.config, in)
	checkGivenVariables(e)
	known := evaluateReadiness(e, spec.Tasks)
	diags := e.finalDiagnostics()
	if diags.HasErrors() {
		return nil, diags
	}
	spec.Secrets = e.secretSet.Secrets()
	return known, diags
}

// evaluateReadiness evaluates all service blocks of scopes where a task needs a service. Only such a scope has a
// project for the names, and a task that waits. All blocks are evaluated, because no task reaches a misspelt name.
func evaluateReadiness(e *evaluation, tasks map[string]*Task) map[string]*Readiness {
	var known map[string]*Readiness
	reached := scopesWithServices(tasks)
	for _, n := range e.file.ServiceBlocks {
		scope := n.Module.ComposeScope()
		if len(reached[scope]) == 0 {
			continue
		}
		if known == nil {
			known = map[string]*Readiness{}
		}
		if !hasOverlay(e.file, scope) {
			e.projects.checkServiceIn(reached[scope], n.Label, n.LabelRange)
		}
		if ready := n.SingleBlocks["ready"]; ready != nil {
			known[scope+n.Label] = evaluateReady(e, n.Label, ready)
		}
	}
	return known
}

// hasOverlay reports whether a task of a scope has compose files of its own. These files may have more services than
// the reached tasks know. [File.Validate] checks the names with all tasks.
func hasOverlay(f *config.File, scope string) bool {
	return slices.ContainsFunc(f.Tasks, func(t *config.Task) bool {
		return t.Attrs["compose_files"] != nil && t.Module.ComposeScope() == scope
	})
}

// scopesWithServices returns the scopes where a task needs a service, by the scopes of their files.
func scopesWithServices(tasks map[string]*Task) map[string][]string {
	scopes := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(tasks)) {
		t := tasks[name]
		file := FileScope(t.Scope)
		if slices.Contains(scopes[file], t.Scope) {
			continue
		}
		if t.Service != "" || slices.ContainsFunc(t.DependsOn, func(d Dependency) bool { return d.Service != "" }) {
			scopes[file] = append(scopes[file], t.Scope)
		}
	}
	return scopes
}

// evaluateReady evaluates the `ready` block of a service. Mistakes are reported.
func evaluateReady(e *evaluation, service string, n *config.Block) *Readiness {
	r := &Readiness{Interval: defaultReadyInterval, Range: n.HeaderRange}
	s := e.scope("", nil, RunResults{})
	for _, a := range n.SortedAttrs() {
		v, ok := s.value(a.Expression)
		if !ok || v.IsNull() {
			continue
		}
		if err := r.setAttribute(service, a.Name, v); err != nil {
			s.reportWrongValue(a, err)
		}
	}
	if r.Probe == NoProbe && !r.EngineOnly && !e.diags.HasErrors() {
		e.report(config.MissingProbeError(n.HeaderRange)) // what would be one is null
	}
	if r.Probe != NoProbe && r.Timeout == 0 {
		r.Timeout = defaultReadyTimeout
	}
	return r
}

// setAttribute stores the value of an attribute. The value is not null.
func (r *Readiness) setAttribute(service, name string, v cty.Value) (err error) {
	switch name {
	case "tcp":
		r.Probe = TCPProbe
		err = r.setTCP(v)
	case "http":
		r.Probe = HTTPProbe
		err = r.setHTTP(service, v)
	case "log":
		r.Probe = LogProbe
		err = r.setLog(v)
	case "exec":
		r.Probe = ExecProbe
		err = r.setExec(v)
	case "engine_only":
		r.EngineOnly, err = ctyconv.AsBool(v)
	case "interval":
		if r.Interval, err = ctyconv.AsDuration(v); err == nil && r.Interval == 0 {
			err = errors.New("it must be longer than nothing")
		}
	case "timeout":
		if r.Timeout, err = ctyconv.AsDuration(v); err == nil && r.Timeout == 0 {
			err = errors.New("it must be longer than nothing")
		}
	}
	return err
}

func (r *Readiness) setTCP(v cty.Value) error {
	text, err := ctyconv.AsText(v)
	if err != nil {
		return ctyconv.WrongTypeError(`a port, or "ADDRESS:PORT"`, v)
	}
	host, port, found := splitPort(text)
	if !found {
		host, port = "", text
	}
	if r.Port, err = asPort(port); err != nil {
		return err
	}
	if r.Address, err = asAddress(host); err != nil {
		return fmt.Errorf("%w; the service's own container is what is connected to: write the port alone", err)
	}
	return nil
}

// splitPort splits "host:port", "[::1]:port" and ":port".
func splitPort(text string) (host, port string, found bool) {
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 || strings.HasSuffix(text, "]") {
		return text, "", false
	}
	return strings.Trim(text[:colon], "[]"), text[colon+1:], true
}

func asPort(text string) (uint16, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is not a port: it is a number from 1 to 65535", text)
	}
	return uint16(n), nil
}

// asAddress takes an IP address or localhost. Empty text means the container's own address.
func asAddress(host string) (netip.Addr, error) {
	switch host {
	case "":
		return netip.Addr{}, nil
	case "localhost":
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
	}
	address, err := netip.ParseAddr(host)
	if err != nil || address.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%q is not an IP address", host)
	}
	return address.Unmap(), nil
}

// setHTTP takes 8080, ":8080/path", "/path", "name:8080/path" and "http://name/path". The server is always the
// service's own container. A name is only the Host header. Without a name, the service's name is the header, as
// for its dependents.
func (r *Readiness) setHTTP(service string, v cty.Value) error {
	text, err := ctyconv.AsText(v)
	if err != nil {
		return ctyconv.WrongTypeError(`a port, or ":PORT/PATH"`, v)
	}
	if strings.HasPrefix(text, "https://") {
		return errors.New("https is not spoken: use tcp, or exec with a program of the image")
	}
	host, path, _ := strings.Cut(strings.TrimPrefix(text, "http://"), "/")
	if strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return fmt.Errorf("%q holds characters that cannot stand in an address: write them as %%20 and the like", text)
	}
	host, port, found := splitPort(host)
	switch _, err := strconv.ParseUint(host, 10, 64); {
	case found:
	case err == nil:
		host, port = "", host
	default:
		port = "80"
	}
	if r.Port, err = asPort(port); err != nil {
		return err
	}
	r.Path, r.Host = "/"+path, host
	if r.Address, err = asAddress(host); err != nil || host == "" {
		r.Address = netip.Addr{}
	}
	if host == "" {
		r.Host = service
	}
	if r.Address.Is6() {
		r.Host = "[" + host + "]"
	}
	if r.Port != 80 {
		r.Host += ":" + port
	}
	return nil
}

func (r *Readiness) setLog(v cty.Value) error {
	text, err := ctyconv.AsNonEmptyText(v)
	if err != nil {
		return err
	}
	if r.LogPattern, err = regexp.Compile(text); err != nil {
		return fmt.Errorf("it is not a regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return nil
}

func (r *Readiness) setExec(v cty.Value) (err error) {
	r.Exec, err = ctyconv.AsCommand(v)
	var operator shellwords.OperatorError
	if errors.As(err, &operator) {
		return fmt.Errorf("no shell runs the probe, so %q has no effect here: write exec = [\"sh\", \"-c\", \"…\"]",
			operator.Operator)
	}
	if err == nil && (len(r.Exec) == 0 || r.Exec[0] == "") {
		return errors.New("it must name a program, but it is empty")
	}
	return err
}

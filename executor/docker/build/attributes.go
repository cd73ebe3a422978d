package build

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	bkclient "github.com/moby/buildkit/client"
	"github.com/moby/buildkit/util/entitlements"
)

func (p *plan) arguments() {
	for key, value := range p.request.Config.Args {
		p.argument(key, value)
	}
}

// argument passes a build argument. Two are not for the Dockerfile but for BuildKit; see its documentation of predefined
// arguments. An argument without a value was not set where the compose file was read, and is left to the Dockerfile.
func (p *plan) argument(key string, value *string) {
	if value == nil {
		return
	}
	p.attr("build-arg:"+key, *value)
	switch key {
	case "BUILDKIT_SYNTAX":
		p.options.Frontend = "gateway.v0"
		source, _, _ := strings.Cut(strings.TrimSpace(*value), " ")
		p.attr("source", source)
		p.attr("cmdline", *value)
	case "BUILDKIT_INLINE_CACHE":
		if inline, _ := strconv.ParseBool(*value); inline {
			p.options.CacheExports = append(p.options.CacheExports, bkclient.CacheOptionsEntry{Type: "inline"})
		}
	}
}

func (p *plan) labels(labels map[string]string) {
	for key, value := range labels {
		p.attr("label:"+key, value)
	}
}

func (p *plan) tags() {
	p.names = append(p.names, p.request.Config.Tags...)
}

// platforms chooses one: several make a list of images, which is for registries and not for running.
func (p *plan) platforms() error {
	wanted, offered := p.request.Platform, p.request.Config.Platforms
	switch {
	case wanted == "" && len(offered) == 1:
		p.attr("platform", offered[0])
	case wanted != "" && !slices.Contains(offered, wanted):
		return p.fail(fmt.Errorf("has %s but not %s, the platform that is asked for; add it", strings.Join(offered, ", "), wanted), "platforms")
	}
	return nil
}

func (p *plan) network() error {
	switch mode := p.request.Config.Network; mode {
	case "default":
	case "none", "host":
		p.attr("force-network-mode", mode)
		if mode == "host" {
			p.entitle(entitlements.EntitlementNetworkHost.String())
		}
	default:
		return p.fail(fmt.Errorf("%q is not supported by BuildKit; it knows default, host and none", mode), "network")
	}
	return nil
}

// insecure is the entitlement of privileged builds. Engines have it switched off.
const insecure = string(entitlements.EntitlementSecurityInsecure)

func (p *plan) entitlements() {
	for _, e := range p.request.Config.Entitlements {
		p.entitle(e)
	}
}

func (p *plan) entitle(what string) {
	if !slices.Contains(p.options.AllowedEntitlements, what) {
		p.options.AllowedEntitlements = append(p.options.AllowedEntitlements, what)
	}
}

// hostGateway stands for the address of the engine's host.
const hostGateway = "host-gateway"

func (p *plan) extraHosts() {
	var hosts []string
	for host, addresses := range p.request.Config.ExtraHosts {
		for _, address := range addresses {
			if address == hostGateway {
				p.gateway = append(p.gateway, host)
			} else {
				hosts = append(hosts, host+"="+address)
			}
		}
	}
	slices.Sort(hosts)
	slices.Sort(p.gateway)
	if len(hosts) > 0 {
		p.attr("add-hosts", strings.Join(hosts, ","))
	}
}

func (p *plan) shmSize() {
	p.attr("shm-size", strconv.FormatInt(int64(p.request.Config.ShmSize), 10))
}

func (p *plan) ulimits() {
	limits := p.request.Config.Ulimits
	var all []string
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		l := limits[name]
		soft, hard := l.Soft, l.Hard
		if l.Single != 0 {
			soft, hard = l.Single, l.Single
		}
		all = append(all, fmt.Sprintf("%s=%d:%d", name, soft, hard))
	}
	if len(all) > 0 {
		p.attr("ulimit", strings.Join(all, ","))
	}
}

// attest asks for an attestation. It is part of a list of manifests, which needs containerd's image store. None are made
// unless asked for, because they give every build of the same another id.
func (p *plan) attest(kind, value string) {
	switch value {
	case "false":
		return
	case "true":
		value = ""
	}
	p.attr("attest:"+kind, value)
	p.needStore("", kind)
}

func (p *plan) isolation() error {
	if i := p.request.Config.Isolation; i != "default" {
		return p.fail(fmt.Errorf("%q is for Windows containers, which BuildKit does not build here", i), "isolation")
	}
	return nil
}

// needStore notes what only an engine with containerd's image store can fulfil; what says which part of the attribute.
func (p *plan) needStore(what string, path ...string) {
	text := "needs an engine with containerd's image store (Docker Engine 23.0 or later, if its settings say so; 29.0, if it was new)"
	if what != "" {
		text = what + " " + text
	}
	p.needsImageStore = append(p.needsImageStore, p.fail(errors.New(text), path...))
}

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

func (p *buildPlan) arguments() {
	for key, value := range p.request.Config.Args {
		p.argument(key, value)
	}
}

// argument passes a build argument. Two are not for the Dockerfile but for BuildKit; see its documentation of predefined
// arguments. An argument without a value was not set where the compose file was read, and is left to the Dockerfile.
func (p *buildPlan) argument(key string, value *string) {
	if value == nil {
		return
	}
	p.setAttr("build-arg:"+key, *value)
	switch key {
	case "BUILDKIT_SYNTAX":
		p.options.Frontend = "gateway.v0"
		source, _, _ := strings.Cut(strings.TrimSpace(*value), " ")
		p.setAttr("source", source)
		p.setAttr("cmdline", *value)
	case "BUILDKIT_INLINE_CACHE":
		if inline, _ := strconv.ParseBool(*value); inline {
			p.options.CacheExports = append(p.options.CacheExports, bkclient.CacheOptionsEntry{Type: "inline"})
		}
	}
}

func (p *buildPlan) labels(labels map[string]string) {
	for key, value := range labels {
		p.setAttr("label:"+key, value)
	}
}

func (p *buildPlan) tags() {
	p.names = append(p.names, p.request.Config.Tags...)
}

// platforms chooses one: several make a list of images, which is for registries and not for running.
func (p *buildPlan) platforms() error {
	wanted, offered := p.request.Platform, p.request.Config.Platforms
	switch {
	case wanted == "" && len(offered) == 1:
		p.setAttr("platform", offered[0])
	case wanted != "" && !slices.Contains(offered, wanted):
		return p.errorAt(fmt.Errorf("has %s but not %s, the platform that is asked for; add it", strings.Join(offered, ", "), wanted), "platforms")
	}
	return nil
}

func (p *buildPlan) network() error {
	switch mode := p.request.Config.Network; mode {
	case "default":
	case "none", "host":
		p.setAttr("force-network-mode", mode)
		if mode == "host" {
			p.allow(entitlements.EntitlementNetworkHost.String())
		}
	default:
		return p.errorAt(fmt.Errorf("%q is not supported by BuildKit; it knows default, host and none", mode), "network")
	}
	return nil
}

// insecure is the entitlement of privileged builds. Engines have it switched off.
const insecure = string(entitlements.EntitlementSecurityInsecure)

func (p *buildPlan) entitlements() {
	for _, e := range p.request.Config.Entitlements {
		p.allow(e)
	}
}

func (p *buildPlan) allow(entitlement string) {
	if !slices.Contains(p.options.AllowedEntitlements, entitlement) {
		p.options.AllowedEntitlements = append(p.options.AllowedEntitlements, entitlement)
	}
}

// hostGateway stands for the address of the engine's host.
const hostGateway = "host-gateway"

func (p *buildPlan) extraHosts() {
	var hosts []string
	for host, addresses := range p.request.Config.ExtraHosts {
		for _, address := range addresses {
			if address == hostGateway {
				p.gatewayHosts = append(p.gatewayHosts, host)
			} else {
				hosts = append(hosts, host+"="+address)
			}
		}
	}
	slices.Sort(hosts)
	slices.Sort(p.gatewayHosts)
	if len(hosts) > 0 {
		p.setAttr("add-hosts", strings.Join(hosts, ","))
	}
}

func (p *buildPlan) shmSize() {
	p.setAttr("shm-size", strconv.FormatInt(int64(p.request.Config.ShmSize), 10))
}

func (p *buildPlan) ulimits() {
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
		p.setAttr("ulimit", strings.Join(all, ","))
	}
}

// attest asks for an attestation. It is part of a list of manifests, which needs containerd's image store. None are made
// unless asked for, because they give every build of the same another id.
func (p *buildPlan) attest(kind, value string) {
	switch value {
	case "false":
		return
	case "true":
		value = ""
	}
	p.setAttr("attest:"+kind, value)
	p.requireImageStore("", kind)
}

func (p *buildPlan) isolation() error {
	if i := p.request.Config.Isolation; i != "default" {
		return p.errorAt(fmt.Errorf("%q is for Windows containers, which BuildKit does not build here", i), "isolation")
	}
	return nil
}

// requireImageStore notes what only an engine with containerd's image store can fulfil; what says which part of the attribute.
func (p *buildPlan) requireImageStore(feature string, path ...string) {
	text := "needs an engine with containerd's image store (Docker Engine 23.0 or later, if its settings say so; 29.0, if it was new)"
	if feature != "" {
		text = feature + " " + text
	}
	p.imageStoreErrors = append(p.imageStoreErrors, p.errorAt(errors.New(text), path...))
}

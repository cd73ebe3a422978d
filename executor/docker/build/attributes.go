package build

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/moby/buildkit/util/entitlements"
)

func (p *buildPlan) arguments() {
	for key, value := range p.request.Config.Args {
		p.options.addArgument(key, value)
	}
}

// platforms chooses one platform. Several platforms make a list of images. Such a list is for registries and cannot
// run.
func (p *buildPlan) platforms() error {
	wanted, offered := p.request.Platform, p.request.Config.Platforms
	switch {
	case wanted == "" && len(offered) == 1:
		p.options.setAttr("platform", offered[0])
	case wanted != "" && !slices.Contains(offered, wanted):
		err := fmt.Errorf("has %s but not the requested platform %s; add it", strings.Join(offered, ", "), wanted)
		return p.request.errorAt(err, "platforms")
	}
	return nil
}

func (p *buildPlan) network() error {
	switch mode := p.request.Config.Network; mode {
	case "default":
	case "none", "host":
		p.options.setAttr("force-network-mode", mode)
		if mode == "host" {
			p.options.allow(entitlements.EntitlementNetworkHost.String())
		}
	default:
		err := fmt.Errorf("%q is not supported by BuildKit; it knows default, host and none", mode)
		return p.request.errorAt(err, "network")
	}
	return nil
}

// insecure is the entitlement of privileged builds. By default, engines refuse the entitlement.
const insecure = string(entitlements.EntitlementSecurityInsecure)

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
		p.options.setAttr("add-hosts", strings.Join(hosts, ","))
	}
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
		p.options.setAttr("ulimit", strings.Join(all, ","))
	}
}

// attest requests an attestation. An attestation is part of a list of manifests, and needs containerd's image store. By
// default there is no attestation, because it gives equal builds different ids.
func (p *buildPlan) attest(kind, value string) {
	switch value {
	case "false":
		return
	case "true":
		value = ""
	}
	p.options.setAttr("attest:"+kind, value)
	p.requireImageStore("", kind)
}

func (p *buildPlan) isolation() error {
	if i := p.request.Config.Isolation; i != "default" {
		err := fmt.Errorf("%q is for Windows containers, and BuildKit builds none here", i)
		return p.request.errorAt(err, "isolation")
	}
	return nil
}

// requireImageStore records that only an engine with containerd's image store can do the build. feature is the part of
// the attribute.
func (p *buildPlan) requireImageStore(feature string, path ...string) {
	text := "needs an engine with containerd's image store " +
		"(Docker Engine 23.0 or later, if its settings say so; 29.0, if it was new)"
	if feature != "" {
		text = feature + " " + text
	}
	p.imageStoreErrors = append(p.imageStoreErrors, p.request.errorAt(errors.New(text), path...))
}

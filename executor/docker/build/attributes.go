package build

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	bkclient "github.com/moby/buildkit/client"
	"github.com/moby/buildkit/util/entitlements"
)

// translate goes through all attributes of a build section, each once. All errors are told at once.
func (p *plan) translate() error {
	return errors.Join(
		p.inputs(),
		p.additionalContexts(),
		p.arguments(),
		p.platform(),
		p.caching(),
		p.network(),
		p.extraHosts(),
		p.limits(),
		p.attestations(),
		p.isolation(),
		p.session(),
	)
}

func (p *plan) arguments() error {
	c := p.request.Config
	for key, value := range p.request.Proxies {
		p.argument(key, value)
	}
	for key, value := range c.Args {
		p.argument(key, value)
	}
	for key, value := range c.Labels {
		p.attr("label:"+key, value)
	}
	for key, value := range p.request.Labels {
		p.attr("label:"+key, value)
	}
	if c.Target != "" {
		p.attr("target", c.Target)
	}
	p.attr("image-resolve-mode", "local")
	if c.Pull {
		p.attr("image-resolve-mode", "pull")
	}
	return nil
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

// platform chooses one: several make a list of images, which is for registries and not for running.
func (p *plan) platform() error {
	wanted, offered := p.request.Platform, p.request.Config.Platforms
	switch {
	case wanted == "" && len(offered) == 1:
		wanted = offered[0]
	case wanted != "" && len(offered) > 0 && !slices.Contains(offered, wanted):
		return fmt.Errorf("build.platforms has %s but not %s, the platform that is asked for; add it", strings.Join(offered, ", "), wanted)
	}
	if wanted != "" {
		p.attr("platform", wanted)
	}
	return nil
}

func (p *plan) network() error {
	c := p.request.Config
	switch c.Network {
	case "", "default":
	case "none":
		p.attr("force-network-mode", "none")
	case "host":
		p.attr("force-network-mode", "host")
		p.entitle(entitlements.EntitlementNetworkHost.String())
	default:
		return fmt.Errorf("build.network: %q is not supported by BuildKit; it knows default, host and none", c.Network)
	}
	for _, e := range c.Entitlements {
		p.entitle(e)
	}
	if c.Privileged {
		p.entitle(entitlements.EntitlementSecurityInsecure.String())
	}
	return nil
}

func (p *plan) entitle(what string) {
	if !slices.Contains(p.options.AllowedEntitlements, what) {
		p.options.AllowedEntitlements = append(p.options.AllowedEntitlements, what)
	}
}

// hostGateway stands for the address of the engine's host.
const hostGateway = "host-gateway"

func (p *plan) extraHosts() error {
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
	return nil
}

func (p *plan) limits() error {
	c := p.request.Config
	var errs []error
	if c.ShmSize > 0 {
		errs = append(errs, p.need("shm_size"))
		p.attr("shm-size", strconv.FormatInt(int64(c.ShmSize), 10))
	}
	if len(c.Ulimits) > 0 {
		errs = append(errs, p.need("ulimits"))
		p.attr("ulimit", ulimits(c.Ulimits))
	}
	return errors.Join(errs...)
}

func ulimits(limits map[string]*types.UlimitsConfig) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		l := limits[name]
		soft, hard := l.Soft, l.Hard
		if l.Single != 0 {
			soft, hard = l.Single, l.Single
		}
		all = append(all, fmt.Sprintf("%s=%d:%d", name, soft, hard))
	}
	return strings.Join(all, ",")
}

// attestations are part of a list of manifests, which needs containerd's image store. None are made unless asked for,
// because they give every build of the same another id.
func (p *plan) attestations() error {
	for attribute, value := range map[string]string{"provenance": p.request.Config.Provenance, "sbom": p.request.Config.SBOM} {
		if value == "" || value == "false" {
			continue
		}
		if value == "true" {
			value = ""
		}
		p.attr("attest:"+attribute, value)
		p.needsImageStore = append(p.needsImageStore, attribute)
	}
	slices.Sort(p.needsImageStore)
	return nil
}

func (p *plan) isolation() error {
	if i := p.request.Config.Isolation; i != "" && i != "default" {
		return fmt.Errorf("build.isolation: %q is for Windows containers, which BuildKit does not build here", i)
	}
	return nil
}

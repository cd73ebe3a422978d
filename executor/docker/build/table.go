package build

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/client/pkg/versions"
)

// attribute is what becomes of one attribute of a build section.
type attribute struct {
	// name is that of the compose file.
	name string
	// goes says where it goes to: what BuildKit calls it, or who else deals with it.
	goes string
	// since is the version of the API whose engine knows it; empty: all that we speak. Older ones leave it out without a word.
	since string
	// apply translates it; it is called only where the attribute is set. Nil: it is read with others.
	apply func(p *plan) error
}

// modern is the API of the first engine (Docker 23) whose BuildKit knows named contexts, ulimits and shm-size.
const modern = "1.42"

// attributes is the whole translation: each attribute of a build section is in it exactly once, which a test holds against
// the compose specification. docs/images.md shows it. Where two set the same, the later one wins.
func attributes() []attribute {
	return []attribute{
		{name: "context", goes: "the folder that BuildKit asks for, or a repository or an archive that it fetches"},
		{name: "dockerfile", goes: "the folder of that file, `filename`"},
		{name: "dockerfile_inline", goes: "a temporary folder with that file, `filename`"},
		{name: "additional_contexts", goes: "`context:<name>`; `service:x` is the image of x, built before", since: modern,
			apply: (*plan).additionalContexts},
		{name: "args", goes: "`build-arg:<name>`, over the proxies of `config.json`", apply: set((*plan).arguments)},
		{name: "target", goes: "`target`", apply: set(func(p *plan) { p.attr("target", p.request.Config.Target) })},
		{name: "labels", goes: "`label:<name>`, under those of the project", apply: set(func(p *plan) { p.labels(p.request.Config.Labels) })},
		{name: "tags", goes: "further names of the image", apply: set((*plan).tags)},
		{name: "platforms", goes: "`platform`, one of them: an image that runs is for one", apply: (*plan).platforms},
		{name: "pull", goes: "`image-resolve-mode=pull`", apply: set(func(p *plan) { p.attr("image-resolve-mode", "pull") })},
		{name: "no_cache_filter", goes: "`no-cache=<stages>`", apply: set((*plan).noCacheFilter)},
		{name: "no_cache", goes: "`no-cache`, of all stages", apply: set(func(p *plan) { p.attr("no-cache", "") })},
		{name: "cache_from", goes: "the sources of the cache; `type=gha` needs containerd's image store", apply: (*plan).cacheFrom},
		{name: "cache_to", goes: "where the cache goes to; all but `type=inline` needs containerd's image store", apply: (*plan).cacheTo},
		{name: "secrets", goes: "the session: BuildKit asks for them while it builds", apply: (*plan).secrets},
		{name: "ssh", goes: "the session: BuildKit asks the agent, or for keys, while it builds", apply: (*plan).ssh},
		{name: "network", goes: "`force-network-mode`: default, host or none", apply: (*plan).network},
		{name: "extra_hosts", goes: "`add-hosts`; `host-gateway` needs Docker Engine 23.0", apply: set((*plan).extraHosts)},
		{name: "shm_size", goes: "`shm-size`", since: modern, apply: set((*plan).shmSize)},
		{name: "ulimits", goes: "`ulimit`", since: modern, apply: set((*plan).ulimits)},
		{name: "entitlements", goes: "what the build may do, if the engine's settings allow it", apply: set((*plan).entitlements)},
		{name: "privileged", goes: "the entitlement `security.insecure`", apply: set(func(p *plan) { p.entitle(insecure) })},
		{name: "provenance", goes: "`attest:provenance`; none is made without it",
			apply: set(func(p *plan) { p.attest("provenance", p.request.Config.Provenance) })},
		{name: "sbom", goes: "`attest:sbom`", apply: set(func(p *plan) { p.attest("sbom", p.request.Config.SBOM) })},
		{name: "isolation", goes: "nothing: `default` alone is taken, others are of Windows", apply: (*plan).isolation},
	}
}

// set is an attribute that cannot be wrong.
func set(apply func(p *plan)) func(*plan) error {
	return func(p *plan) error {
		apply(p)
		return nil
	}
}

// translate goes through all attributes that are set. All errors are told at once.
func (p *plan) translate() error {
	p.attr("image-resolve-mode", "local")
	for key, value := range p.request.Proxies {
		p.argument(key, value)
	}
	if p.request.Platform != "" {
		p.attr("platform", p.request.Platform)
	}
	errs := []error{p.inputs()}
	given := setAttributes(p.request.Config)
	for _, a := range attributes() {
		if given[a.name] {
			errs = append(errs, p.attribute(a))
		}
	}
	p.labels(p.request.Labels)
	p.credentials()
	return errors.Join(errs...)
}

func (p *plan) attribute(a attribute) error {
	if a.since != "" && versions.LessThan(p.request.APIVersion, a.since) {
		return p.fail(fmt.Errorf("needs Docker Engine 23.0 (API %s), and this one speaks API %s", a.since, p.request.APIVersion), a.name)
	}
	if a.apply == nil {
		return nil
	}
	return a.apply(p)
}

// setAttributes are those that are not at their zero value.
func setAttributes(c types.BuildConfig) map[string]bool {
	set := map[string]bool{}
	for field, v := range reflect.ValueOf(c).Fields() {
		if !v.IsZero() {
			name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			set[name] = true
		}
	}
	return set
}

// fail says of which attribute an error is, and where the compose file has it. path leads to it within the build section.
func (p *plan) fail(err error, path ...string) error {
	if err == nil {
		return nil
	}
	name := "build." + strings.Join(path, ".")
	if p.request.Where != nil {
		if place := p.request.Where(path...); place != "" {
			name = place + ": " + name
		}
	}
	return fmt.Errorf("%s: %w", name, err)
}

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
	// target says where it goes to: what BuildKit calls it, or who else deals with it.
	target string
	// since is the version of the API whose engine knows it; empty: all that we speak. Older ones leave it out without a word.
	since string
	// apply translates it; it is called only where the attribute is set. Nil: it is read with others.
	apply func(p *buildPlan) error
}

// namedContextsAPI is the API of the first engine (Docker 23) whose BuildKit knows named contexts, ulimits and shm-size.
const namedContextsAPI = "1.42"

// attributes is the whole translation: each attribute of a build section is in it exactly once, which a test holds against
// the compose specification. docs/images.md shows it. Where two set the same, the later one wins.
func attributes() []attribute {
	return []attribute{
		{name: "context", target: "the folder sent to BuildKit, or a repository or an archive fetched by BuildKit"},
		{name: "dockerfile", target: "the folder of the file, `filename`"},
		{name: "dockerfile_inline", target: "a temporary folder with the text as a file, `filename`"},
		{name: "additional_contexts", target: "`context:<name>`; `service:x` is the image of x, built first", since: namedContextsAPI,
			apply: (*buildPlan).additionalContexts},
		{name: "args", target: "`build-arg:<name>`, with precedence over the proxies of `config.json`",
			apply: infallible((*buildPlan).arguments)},
		{name: "target", target: "`target`",
			apply: infallible(func(p *buildPlan) { p.setAttr("target", p.request.Config.Target) })},
		{name: "labels", target: "`label:<name>`, the project's labels take precedence",
			apply: infallible(func(p *buildPlan) { p.labels(p.request.Config.Labels) })},
		{name: "tags", target: "further names of the image", apply: infallible((*buildPlan).tags)},
		{name: "platforms", target: "`platform`, only one: an image for a run has one platform",
			apply: (*buildPlan).platforms},
		{name: "pull", target: "`image-resolve-mode=pull`",
			apply: infallible(func(p *buildPlan) { p.setAttr("image-resolve-mode", "pull") })},
		{name: "no_cache_filter", target: "`no-cache=<stages>`", apply: infallible((*buildPlan).noCacheFilter)},
		{name: "no_cache", target: "`no-cache`, for all stages",
			apply: infallible(func(p *buildPlan) { p.setAttr("no-cache", "") })},
		{name: "cache_from", target: "the sources of the cache; `type=gha` needs containerd's image store",
			apply: (*buildPlan).cacheFrom},
		{name: "cache_to", target: "the targets of the cache; all types but `inline` need containerd's image store",
			apply: (*buildPlan).cacheTo},
		{name: "secrets", target: "the session: BuildKit asks for the secrets during the build", apply: (*buildPlan).secrets},
		{name: "ssh", target: "the session: BuildKit asks for the agent or for keys during the build",
			apply: (*buildPlan).ssh},
		{name: "network", target: "`force-network-mode`: default, host or none", apply: (*buildPlan).network},
		{name: "extra_hosts", target: "`add-hosts`; `host-gateway` needs Docker Engine 23.0",
			apply: infallible((*buildPlan).extraHosts)},
		{name: "shm_size", target: "`shm-size`", since: namedContextsAPI, apply: infallible((*buildPlan).shmSize)},
		{name: "ulimits", target: "`ulimit`", since: namedContextsAPI, apply: infallible((*buildPlan).ulimits)},
		{name: "entitlements", target: "the rights of the build, if the engine's settings allow them",
			apply: infallible((*buildPlan).entitlements)},
		{name: "privileged", target: "the entitlement `security.insecure`",
			apply: infallible(func(p *buildPlan) { p.allow(insecure) })},
		{name: "provenance", target: "`attest:provenance`; without the attribute there is no provenance",
			apply: infallible(func(p *buildPlan) { p.attest("provenance", p.request.Config.Provenance) })},
		{name: "sbom", target: "`attest:sbom`",
			apply: infallible(func(p *buildPlan) { p.attest("sbom", p.request.Config.SBOM) })},
		{name: "isolation", target: "nothing: only `default` is supported, the other values are for Windows",
			apply: (*buildPlan).isolation},
	}
}

// infallible is an attribute that cannot be wrong.
func infallible(apply func(p *buildPlan)) func(*buildPlan) error {
	return func(p *buildPlan) error {
		apply(p)
		return nil
	}
}

// translate goes through all attributes that are set. All errors are told at once.
func (p *buildPlan) translate() error {
	p.setAttr("image-resolve-mode", "local")
	for key, value := range p.request.Proxies {
		p.argument(key, value)
	}
	if p.request.Platform != "" {
		p.setAttr("platform", p.request.Platform)
	}
	errs := []error{p.inputs()}
	given := setAttributes(p.request.Config)
	for _, a := range attributes() {
		if given[a.name] {
			errs = append(errs, p.mapAttribute(a))
		}
	}
	p.labels(p.request.Labels)
	p.credentials()
	return errors.Join(errs...)
}

func (p *buildPlan) mapAttribute(a attribute) error {
	if a.since != "" && versions.LessThan(p.request.APIVersion, a.since) {
		return p.errorAt(fmt.Errorf("needs Docker Engine 23.0 (API %s), and this one speaks API %s", a.since, p.request.APIVersion), a.name)
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

// errorAt says of which attribute an error is, and where the compose file has it. path leads to it within the build section.
func (p *buildPlan) errorAt(err error, path ...string) error {
	if err == nil {
		return nil
	}
	name := "build." + strings.Join(path, ".")
	if p.request.Locate != nil {
		if place := p.request.Locate(path...); place != "" {
			name = place + ": " + name
		}
	}
	return fmt.Errorf("%s: %w", name, err)
}

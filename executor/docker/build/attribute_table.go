package build

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/client/pkg/versions"
)

// attribute describes the treatment of one attribute of a build section.
type attribute struct {
	// name is the name in the compose file.
	name string
	// target is the destination: BuildKit's name, or the code in charge of the attribute.
	target string
	// since is the first API version with the attribute. Empty means every supported version. Older engines ignore the
	// attribute silently.
	since string
	// apply translates the attribute. It is called only if the attribute is set. Nil means: another attribute's code
	// reads the attribute.
	apply func(p *buildPlan) error
}

// namedContextsAPI is the API of Docker 23. Its BuildKit is the first with named contexts, ulimits and shm-size.
const namedContextsAPI = "1.42"

// attributes is the whole translation. Each attribute of a build section occurs exactly once. A test compares the table
// with the compose specification. docs/images.md shows the table. If two attributes set the same value, the later wins.
func attributes() []attribute {
	return []attribute{
		{name: "context", target: "the folder sent to BuildKit, or a repository or an archive fetched by BuildKit"},
		{name: "dockerfile", target: "the file behind all links, `filename`"},
		{name: "dockerfile_inline", target: "the text as a file, `filename`"},
		{name: "additional_contexts", target: "`context:<name>`; `service:x` is the image of x, built first",
			since: namedContextsAPI, apply: (*buildPlan).additionalContexts},
		{name: "args", target: "`build-arg:<name>`, with precedence over the proxies of `config.json`",
			apply: infallible((*buildPlan).arguments)},
		{name: "target", target: "`target`",
			apply: infallible(func(p *buildPlan) { p.options.setAttr("target", p.request.Config.Target) })},
		{name: "labels", target: "`label:<name>`, the project's labels take precedence",
			apply: infallible(func(p *buildPlan) { p.options.addLabels(p.request.Config.Labels) })},
		{name: "tags", target: "further names of the image",
			apply: infallible(func(p *buildPlan) { p.names = append(p.names, p.request.Config.Tags...) })},
		{name: "platforms", target: "`platform`, only one: an image for a run has one platform",
			apply: (*buildPlan).platforms},
		{name: "pull", target: "`image-resolve-mode=pull`",
			apply: infallible(func(p *buildPlan) { p.options.setAttr("image-resolve-mode", "pull") })},
		{name: "no_cache_filter", target: "`no-cache=<stages>`", apply: infallible((*buildPlan).noCacheFilter)},
		{name: "no_cache", target: "`no-cache`, for all stages",
			apply: infallible(func(p *buildPlan) { p.options.setAttr("no-cache", "") })},
		{name: "cache_from", target: "the sources of the cache; `type=gha` needs containerd's image store",
			apply: (*buildPlan).cacheFrom},
		{name: "cache_to", target: "the targets of the cache; all types but `inline` need containerd's image store",
			apply: (*buildPlan).cacheTo},
		{name: "secrets", target: "the session: BuildKit asks for the secrets during the build",
			apply: (*buildPlan).secrets},
		{name: "ssh", target: "the session: BuildKit asks for the agent or for keys during the build",
			apply: (*buildPlan).ssh},
		{name: "network", target: "`force-network-mode`: default, host or none", apply: (*buildPlan).network},
		{name: "extra_hosts", target: "`add-hosts`; `host-gateway` needs Docker Engine 23.0",
			apply: infallible((*buildPlan).extraHosts)},
		{name: "shm_size", target: "`shm-size`", since: namedContextsAPI, apply: infallible(func(p *buildPlan) {
			p.options.setAttr("shm-size", strconv.FormatInt(int64(p.request.Config.ShmSize), 10))
		})},
		{name: "ulimits", target: "`ulimit`", since: namedContextsAPI, apply: infallible((*buildPlan).ulimits)},
		{name: "entitlements", target: "the rights of the build, if the engine's settings allow them",
			apply: infallible(func(p *buildPlan) { p.options.allow(p.request.Config.Entitlements...) })},
		{name: "privileged", target: "the entitlement `security.insecure`",
			apply: infallible(func(p *buildPlan) { p.options.allow(insecure) })},
		{name: "provenance", target: "`attest:provenance`; without the attribute there is no provenance",
			apply: infallible(func(p *buildPlan) { p.attest("provenance", p.request.Config.Provenance) })},
		{name: "sbom", target: "`attest:sbom`",
			apply: infallible(func(p *buildPlan) { p.attest("sbom", p.request.Config.SBOM) })},
		{name: "isolation", target: "nothing: only `default` is supported, the other values are for Windows",
			apply: (*buildPlan).isolation},
	}
}

// infallible wraps the translation of an attribute without errors.
func infallible(apply func(p *buildPlan)) func(*buildPlan) error {
	return func(p *buildPlan) error {
		apply(p)
		return nil
	}
}

// translate translates all given attributes, and returns all errors at once.
func (p *buildPlan) translate() error {
	p.options.setAttr("image-resolve-mode", "local")
	for key, value := range p.request.Proxies {
		p.options.addArgument(key, value)
	}
	if p.request.Platform != "" {
		p.options.setAttr("platform", p.request.Platform)
	}
	errs := []error{p.inputs()}
	given := setAttributes(p.request.Config)
	for _, a := range attributes() {
		if given[a.name] {
			errs = append(errs, p.mapAttribute(a))
		}
	}
	p.options.addLabels(p.request.Labels)
	p.credentials()
	return errors.Join(errs...)
}

func (p *buildPlan) mapAttribute(a attribute) error {
	if a.since != "" && versions.LessThan(p.request.APIVersion, a.since) {
		err := fmt.Errorf("needs Docker Engine 23.0 (API %s), and this one speaks API %s", a.since, p.request.APIVersion)
		return p.request.errorAt(err, a.name)
	}
	if a.apply == nil {
		return nil
	}
	return a.apply(p)
}

// setAttributes returns the names of the attributes with a value other than zero.
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

// errorAt adds the attribute and the place in the compose file to an error. path holds the names within the build
// section.
func (r *Request) errorAt(err error, path ...string) error {
	if err == nil {
		return nil
	}
	name := "build." + strings.Join(path, ".")
	if r.Locate != nil {
		if place := r.Locate(path...); place != "" {
			name = place + ": " + name
		}
	}
	return fmt.Errorf("%s: %w", name, err)
}

package build

import (
	"slices"
	"strconv"
	"strings"

	bkclient "github.com/moby/buildkit/client"
	"github.com/tonistiigi/fsutil"
)

// solveOptions are BuildKit's options for one build.
type solveOptions struct{ bkclient.SolveOpt }

func (o *solveOptions) setAttr(key, value string) { o.FrontendAttrs[key] = value }

// addArgument adds a build argument. BuildKit itself reads two arguments, see its documentation of predefined
// arguments. An argument without a value has no value in the compose file's environment either. The Dockerfile decides
// then.
func (o *solveOptions) addArgument(key string, value *string) {
	if value == nil {
		return
	}
	o.setAttr("build-arg:"+key, *value)
	switch key {
	case "BUILDKIT_SYNTAX":
		o.Frontend = "gateway.v0"
		source, _, _ := strings.Cut(strings.TrimSpace(*value), " ")
		o.setAttr("source", source)
		o.setAttr("cmdline", *value)
	case "BUILDKIT_INLINE_CACHE":
		if inline, _ := strconv.ParseBool(*value); inline {
			o.CacheExports = append(o.CacheExports, bkclient.CacheOptionsEntry{Type: "inline"})
		}
	}
}

func (o *solveOptions) addLabels(labels map[string]string) {
	for key, value := range labels {
		o.setAttr("label:"+key, value)
	}
}

// allow adds entitlements without duplicates.
func (o *solveOptions) allow(entitlements ...string) {
	for _, e := range entitlements {
		if !slices.Contains(o.AllowedEntitlements, e) {
			o.AllowedEntitlements = append(o.AllowedEntitlements, e)
		}
	}
}

func (o *solveOptions) addFiles(name string, files fsutil.FS) {
	if o.LocalMounts == nil {
		o.LocalMounts = map[string]fsutil.FS{}
	}
	o.LocalMounts[name] = files
}

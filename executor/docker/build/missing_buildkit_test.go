package build

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// plain404 is an engine that hands no connection over.
type plain404 struct{}

func (plain404) DialHijack(_ context.Context, _, proto string, _ map[string][]string) (net.Conn, error) {
	return nil, errors.New("unable to upgrade to " + proto + ", received 404")
}

func TestEngineWithoutBuildKit(t *testing.T) {
	for name, c := range map[string]types.BuildConfig{"a build": {}, "one that asks first": {SBOM: "true"}} {
		c.Context = folder(t)
		err := Build(t.Context(), plain404{}, Request{Ref: "x", Config: c, APIVersion: namedContextsAPI})
		if err == nil || !strings.HasPrefix(err.Error(), "this engine has no BuildKit") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

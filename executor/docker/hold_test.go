package docker

import (
	"slices"
	"testing"

	"github.com/moby/moby/api/types/container"
)

// The engine merges the command of a request with the command of the image by the same rules (moby, daemon/commit.go).
func TestCommandLine(t *testing.T) {
	image := []string{"/entry"}
	imageCommand := []string{"serve"}
	for name, test := range map[string]struct {
		entrypoint, command, want []string
	}{
		"image alone":        {nil, nil, []string{"/entry", "serve"}},
		"command":            {nil, []string{"x"}, []string{"/entry", "x"}},
		"entrypoint":         {[]string{"sh"}, nil, []string{"sh"}},
		"both":               {[]string{"sh"}, []string{"x"}, []string{"sh", "x"}},
		"empty entrypoint":   {[]string{}, []string{"x"}, []string{"x"}},
		"no entrypoint":      {[]string{""}, []string{"x"}, []string{"x"}},
		"empty, no command":  {[]string{}, nil, []string{"serve"}},
		"empty command list": {nil, []string{}, []string{"/entry", "serve"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := commandLine(&container.Config{Entrypoint: test.entrypoint, Cmd: test.command}, image, imageCommand)
			if !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

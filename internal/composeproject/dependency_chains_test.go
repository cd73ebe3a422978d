package composeproject

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// layers are services in layers of five. Each service depends on all services of the layer before.
func layers(n int, last string) string {
	var b strings.Builder
	b.WriteString("services:\n")
	for i := range n {
		for j := range 5 {
			fmt.Fprintf(&b, "  s%dx%d:\n    image: a\n", i, j)
			if i > 0 {
				fmt.Fprintf(&b, "    depends_on: [s%[1]dx0, s%[1]dx1, s%[1]dx2, s%[1]dx3, s%[1]dx4]\n", i-1)
			}
		}
	}
	return b.String() + last
}

// TestLayersOfServices: compose-go would follow 5¹⁶ chains in its search for cycles.
func TestLayersOfServices(t *testing.T) {
	for name, c := range map[string]struct{ last, want string }{
		"right":         {last: "    scale: 2\n    deploy: {mode: replicated}\n"},
		"cycle":         {"  top: {image: a, depends_on: [s15x0, end]}\n  end: {image: a, depends_on: [top]}\n", "dependency cycle: end -> top -> end"},
		"network":       {"    networks: [nope]\n", `service "s15x4" uses the network "nope"`},
		"contradiction": {"    scale: 2\n    container_name: x\n", "container_name"},
		"no image":      {"  top: {depends_on: [s15x0]}\n", "image"},
		"unknown":       {"  top: {image: a, depends_on: [s15x0, s16x0]}\n", "s16x0"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, dir, "compose.yaml", layers(16, c.last))
			for _, cache := range []ValidationCache{nil, &memoryCache{}} {
				p, err := Load(t.Context(), Options{Name: "app", WorkingDir: dir, ValidationCache: cache})
				var mistakes *LoadError
				switch {
				case c.want == "" && err != nil:
					t.Error(err)
				case c.want == "" && *p.Model().Services["s15x4"].Deploy.Replicas != 2:
					t.Error("the scale is not the number of replicas")
				case c.want != "" && (!errors.As(err, &mistakes) || len(mistakes.Mistakes) != 1 || mistakes.Mistakes[0].Line == 0 ||
					!strings.Contains(err.Error(), c.want)):
					t.Errorf("no %q in %v", c.want, err)
				}
			}
		})
	}
}

// TestManyChainsGiveTheSameModel: with and without compose-go's check of the model.
func TestManyChainsGiveTheSameModel(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "compose.yaml", layers(3, "    scale: 2\n    deploy: {mode: replicated}\n  off: {image: a, profiles: [off]}\n"))
	load := func(load func(*projectLoader) (*types.Project, error)) *types.Project {
		l := &projectLoader{Options: Options{Name: "app", WorkingDir: dir}, environment: map[string]string{}}
		model, err := load(l)
		if err != nil {
			t.Fatal(err)
		}
		return model
	}
	checked := load(func(l *projectLoader) (*types.Project, error) {
		options, _ := l.projectOptions()
		return options.LoadProject(t.Context())
	})
	ours := load(func(l *projectLoader) (*types.Project, error) {
		options, _ := l.projectOptions()
		return l.loadManyChains(t.Context(), options)
	})
	if !isSameModel(checked, ours) || len(ours.DisabledServices) != 1 {
		t.Errorf("%v\nand\n%v", checked, ours)
	}
	if hasManyChains(checked) {
		t.Error("three layers have many chains")
	}
}

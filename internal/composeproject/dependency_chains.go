package composeproject

import (
	"context"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composefile"
)

// maxChains is the number of dependency chains that compose-go may follow. compose-go follows each chain of depends_on
// to its end, from each service, to find cycles. Services in layers, each of which depends on the whole layer above,
// have more chains than any machine can follow. 10,000 chains take about 10 ms.
const maxChains = 10_000

// hasManyChains reports whether compose-go would follow too many chains in its check of a model. A cycle counts as
// well.
func hasManyChains(model *types.Project) bool {
	const inProgress = -1
	chains := map[string]int{}
	var count func(name string) (n int, ok bool)
	count = func(name string) (n int, ok bool) {
		if n, visited := chains[name]; visited {
			return n, n != inProgress
		}
		chains[name], n = inProgress, 1
		for dependency := range model.Services[name].DependsOn {
			below, ok := count(dependency)
			if n += below; !ok || n > maxChains {
				return n, false
			}
		}
		chains[name] = n
		return n, true
	}
	total := 0
	for name := range model.Services {
		n, ok := count(name)
		if total += n; !ok || total > maxChains {
			return true
		}
	}
	return false
}

// checkModel returns the contradictions of a model that compose-go has not checked.
func (x *explainer) checkModel(ctx context.Context) error {
	found := composefile.Check(x.checkInput())
	x.sources.setFiles(found.Files)
	mistakes, _ := x.modelErrors(ctx, found)
	if len(mistakes) == 0 {
		return nil
	}
	return x.sources.loadError(mistakes)
}

// applyScale sets the replicas of services with a scale, as the check of compose-go does.
func applyScale(model *types.Project) {
	for _, s := range model.Services {
		if s.Scale != nil && s.Deploy != nil {
			s.Deploy.Replicas = s.Scale
		}
	}
}

package planner

import "slices"

// CreatesResources says whether a run of the plan has to make something that outlives it: a network, a volume, an image, or the
// container of a service. The one-offs of its tasks, which every run makes, do not count.
func (p *Plan) CreatesResources() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool {
		if _, oneOff := s.Action.(*CreateOneOff); oneOff {
			return false
		}
		if p.Scopes[s.Scope].PrivateTask != "" && s.Verb == Create {
			return false
		}
		return s.Verb == Create || s.Verb == Recreate || s.Verb == PullImage || s.Verb == BuildImage
	})
}

package workspace

import (
	"context"
	"slices"
	"strings"

	"tasks/executor/fleet"
	"tasks/executor/sources"
	"tasks/planner"
)

// placeProjects adds the nodes of the compose projects to the plan, and returns the sender of sources for each scope.
func (r *Run) placeProjects(ctx context.Context, nodes *fleetEngine) (func(scope string) *sources.Remote, error) {
	scopes := usedScopes(r.Plan)
	var projects []fleet.Project
	for _, scope := range scopes {
		s := r.Plan.Scopes[scope]
		projects = append(projects, fleet.Project{Name: s.Project, IsPrivate: s.PrivateTask != ""})
	}
	homes, err := nodes.Forecast(projects)
	if err != nil {
		return nil, err
	}
	names, states, err := nodes.NodeStates(ctx)
	if err != nil {
		return nil, err
	}
	placement := &planner.Placement{Engine: nodes.choice.Name, IsSwarm: nodes.choice.Swarm != "", Slots: nodes.Slots()}
	for i, name := range names {
		placed := planner.NodePlacement{Name: name, State: states[i]}
		for j, home := range homes {
			if home == name {
				placed.Scopes = append(placed.Scopes, scopes[j])
			}
		}
		placement.Nodes = append(placement.Nodes, placed)
	}
	if placement.Sends, err = r.imageSends(ctx, nodes, placement); err != nil {
		return nil, err
	}
	r.Plan.Placement = placement
	return func(scope string) *sources.Remote {
		if i := slices.Index(scopes, scope); i >= 0 {
			return nodes.members[slices.Index(nodes.names, homes[i])].sources
		}
		return nodes.members[0].sources
	}, nil
}

// usedScopes returns the scopes with a compose project, in the order of their first steps.
func usedScopes(plan *planner.Plan) (scopes []string) {
	for _, s := range plan.Steps {
		if plan.Scopes[s.Scope].Project != "" && !slices.Contains(scopes, s.Scope) {
			scopes = append(scopes, s.Scope)
		}
	}
	return scopes
}

// imageSends describes the images that nodes of the placement lack.
func (r *Run) imageSends(ctx context.Context, nodes *fleetEngine, placement *planner.Placement) ([]string, error) {
	users := map[string][]string{}
	platforms, refs := map[string]string{}, []string(nil)
	for _, step := range r.Plan.Steps {
		image, isImage := step.Action.(*planner.Image)
		if !isImage || step.Verb == planner.PullImage || step.Verb == planner.BuildImage {
			continue // the size is not known yet
		}
		if users[image.Ref] == nil {
			refs = append(refs, image.Ref)
		}
		platforms[image.Ref] = image.Platform
		for _, n := range placement.Nodes {
			if slices.Contains(n.Scopes, step.Scope) {
				users[image.Ref] = append(users[image.Ref], n.Name)
			}
		}
	}
	var texts []string
	for _, ref := range refs {
		sends, err := nodes.ImageSends(ctx, ref, platforms[ref], users[ref])
		if err != nil {
			return nil, err
		}
		text, err := sendsText(ctx, ref, sends)
		if err != nil {
			return nil, err
		}
		if text != "" {
			texts = append(texts, text)
		}
	}
	return texts, nil
}

// sendsText describes the transfers of an image: "web to tsw2, tsw3: 2 of 5 layers, 28 MB". The nodes may lack
// different layers; the first transfer stands for all.
func sendsText(ctx context.Context, ref string, sends []fleet.Image) (string, error) {
	var names []string
	size := ""
	for _, send := range sends {
		transfer, err := transferOf(send)
		if err != nil {
			return "", err
		}
		forecast, err := transfer.Forecast(ctx)
		if err != nil {
			return "", err
		}
		if forecast.IsThere {
			continue // the same image in another kind of store
		}
		names = append(names, send.Node)
		if size == "" {
			size = forecast.Text()
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	return ref + " to " + strings.Join(names, ", ") + ": " + size, nil
}

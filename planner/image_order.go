package planner

import (
	"slices"
	"strings"

	"tasks/hclspec"
)

// imageOrder adds the needs between tasks and images.
type imageOrder struct{ *graph }

// orderImages adds the needs between tasks and images that only the whole plan shows.
func (g imageOrder) orderImages() {
	g.buildAfterTasks()
	g.pullAfterTasks()
	for _, scope := range sortedKeys(g.planners) {
		g.buildInServiceOrder(g.planners[scope].scopeSteps)
	}
	for _, s := range g.all {
		switch a := s.Action.(type) {
		case *Image:
			s.addMakerReason(a)
		case *RunOneOff:
			a.ImageMayChange = slices.ContainsFunc(s.Needs, func(n Need) bool { return IsTask(g.byID[n.Step]) })
		}
	}
	g.expectNewImages()
}

// addMakerReason names the tasks that may make or replace an image.
func (s *Step) addMakerReason(image *Image) {
	switch {
	case len(image.MadeBy) == 0:
	case s.lacksImage():
		s.addReason(ReasonImageMadeBy, strings.Join(image.MadeBy, " or "))
	default:
		s.addReason(ReasonImageReplacedBy, strings.Join(image.MadeBy, " and "))
	}
}

// expectNewImages corrects the reasons of containers with an image that the run may replace.
func (g imageOrder) expectNewImages() {
	for _, s := range g.all {
		_, isContainer := s.Action.(*Container)
		mayBeReplaced := slices.ContainsFunc(s.Needs, func(n Need) bool {
			image, ok := g.byID[n.Step].Action.(*Image)
			return ok && len(image.MadeBy) > 0
		})
		if isContainer && mayBeReplaced && len(s.Reason) > 0 && s.Reason[0].Code == ReasonUnchanged {
			s.Reason = append(because(ReasonUnchangedSoFar), s.Reason[1:]...)
		}
	}
}

// buildAfterTasks delays the build of an image until after the dependencies of the image's tasks: the dependencies
// may make files for the build.
func (g imageOrder) buildAfterTasks() {
	for _, img := range g.all {
		if !img.mayBuild() {
			continue
		}
		dependents := g.withDependents(img.ID)
		for _, t := range g.all {
			if runsInContainer(t) && dependents[t.ID] {
				g.awaitDependencies(img, TaskOf(t), dependents, "its files may be made by it")
			}
		}
	}
}

// pullAfterTasks delays the pull of a missing image until after the dependencies of each task that needs the image
// itself: the dependencies may make the image. A local image waits only for dependencies with the image in their
// command: they may replace the image.
func (g imageOrder) pullAfterTasks() {
	needing := map[*Step][]*hclspec.Task{}
	for _, t := range g.all {
		if IsTask(t) && t.Verb != Skip && dependsOnTask(TaskOf(t)) {
			for _, img := range g.ownImages(t) {
				needing[img] = append(needing[img], TaskOf(t))
			}
		}
	}
	for _, img := range g.all {
		tasks := needing[img]
		if isImage(img) && !img.lacksImage() {
			tasks = g.withMakersOnly(tasks, img.Action.(*Image).Ref)
		}
		if len(tasks) == 0 {
			continue
		}
		dependents := g.withDependents(img.ID)
		for _, t := range tasks {
			for _, name := range g.awaitDependencies(img, t, dependents, "it may make the image") {
				img.addMaker("task " + name)
			}
		}
	}
}

// withMakersOnly returns tasks with only the dependencies that have an image in their command. Tasks without such a
// dependency are left out.
func (g imageOrder) withMakersOnly(tasks []*hclspec.Task, ref string) []*hclspec.Task {
	var all []*hclspec.Task
	for _, t := range tasks {
		makers := *t
		makers.DependsOn = slices.DeleteFunc(slices.Clone(t.DependsOn), func(d hclspec.Dependency) bool {
			return d.Task == "" || !g.namesImage(d.Task, ref)
		})
		if len(makers.DependsOn) > 0 {
			all = append(all, &makers)
		}
	}
	return all
}

// namesImage reports whether the command of a task, or of a member of a group, has the name of an image.
func (g imageOrder) namesImage(task, ref string) bool {
	t := TaskOf(g.byID[taskID(task)])
	if slices.ContainsFunc(t.Command, func(word string) bool { return containsReference(word, ref) }) {
		return true
	}
	return t.Kind == hclspec.GroupTask && slices.ContainsFunc(t.DependsOn, func(d hclspec.Dependency) bool {
		return d.Task != "" && g.namesImage(d.Task, ref)
	})
}

// containsReference reports whether a text has the name of an image, and not only as a part of another name.
func containsReference(text, ref string) bool {
	const inName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-"
	for {
		before, after, found := strings.Cut(text, ref)
		if !found {
			return false
		}
		isPart := before != "" && strings.ContainsRune(inName, rune(before[len(before)-1])) ||
			after != "" && strings.ContainsRune(inName, rune(after[0]))
		if !isPart {
			return true
		}
		text = after
	}
}

func dependsOnTask(t *hclspec.Task) bool {
	return slices.ContainsFunc(t.DependsOn, func(d hclspec.Dependency) bool { return d.Task != "" })
}

// ownImages returns the steps of missing and local images that a task needs without another task between.
func (g imageOrder) ownImages(t *Step) []*Step {
	var images []*Step
	for id := range reachable(t.ID, func(id StepID, visit func(StepID)) {
		if s := g.byID[id]; s == t || !IsTask(s) {
			for _, n := range s.Needs {
				visit(n.Step)
			}
		}
	}) {
		if s := g.byID[id]; s.lacksImage() || isImage(s) && s.Verb == Reuse {
			images = append(images, s)
		}
	}
	return images
}

// awaitDependencies adds needs of the tasks that a task depends on to the step of an image, and returns their names.
// dependents are the steps that need the image. Two kinds of edges are left out: an edge that closes a cycle, because
// a task itself needs the image then, and an edge that makes the run wait for a finally task.
func (g imageOrder) awaitDependencies(
	img *Step, t *hclspec.Task, dependents map[StepID]bool, reason string,
) []string {
	var names []string
	for _, d := range t.DependsOn {
		id := taskID(d.Task)
		if d.Task != "" && !dependents[id] && !(g.mainSteps[img.ID] && g.byID[id].hasEndNeed()) {
			img.addNeed(id, reason, false)
			names = append(names, d.Task)
		}
	}
	return names
}

// addMaker adds a task to the possible makers of an image, by its name in messages.
func (s *Step) addMaker(name string) {
	image := s.Action.(*Image)
	if !slices.Contains(image.MadeBy, name) {
		image.MadeBy = append(image.MadeBy, name)
	}
}

// buildInServiceOrder builds the image of a service after the images of the services in its depends_on. A Dockerfile
// may use such an image in a way that cannot be read. An order between Dockerfiles has precedence.
func (g imageOrder) buildInServiceOrder(p *scopeSteps) {
	if p.project == nil {
		return
	}
	for _, name := range sortedKeys(p.model.Services) {
		img := p.builtImage(name)
		if img == nil {
			continue
		}
		for _, dependency := range p.serviceDependencies(name) {
			other := p.builtImage(dependency)
			if other != nil && other != img && !g.withDependents(img.ID)[other.ID] {
				img.addNeed(other.ID, "service "+name+" depends on service "+dependency, true)
			}
		}
	}
}

// builtImage returns the step that builds the image of a service, or nil.
func (p *scopeSteps) builtImage(service string) *Step {
	s := p.model.Services[service]
	step := p.byID[p.stepID("image", p.project.ImageName(s))]
	if s.Build == nil || step == nil || !step.mayBuild() {
		return nil
	}
	return step
}

// serviceDependencies returns the direct and indirect dependencies of a service, sorted.
func (p *scopeSteps) serviceDependencies(service string) []string {
	seen := map[string]bool{service: true}
	queue := []string{service}
	for len(queue) > 0 {
		for name := range p.model.Services[queue[0]].DependsOn {
			if !seen[name] {
				seen[name] = true
				queue = append(queue, name)
			}
		}
		queue = queue[1:]
	}
	delete(seen, service)
	return sortedKeys(seen)
}

package planner

import "fmt"

// LookService looks at a service that has to run already: under dependency_policy = "external" nothing is started.
type LookService struct {
	Service string
	// Name is the container's name, by which it is looked at anew.
	Name string
	// Ended says that it may have ended: it only has to complete.
	Ended bool
	// Said is how a message tells of the policy: as it is written, and where.
	Said string
	// Have is the container that the snapshot showed, or nil.
	Have *ObservedContainer
}

func (*LookService) action() {}

// look makes the steps that look at a service: at its containers that run, and at one of them where none does.
func (b *builder) look(name, reason string) []string {
	have := b.existing(name)
	var instances []string
	for _, c := range have {
		if c.State == "running" {
			instances = append(instances, b.lookAt(instanceName(name, len(instances)), c, reason))
		}
	}
	switch {
	case len(instances) > 0:
		return instances
	case len(have) > 0:
		return []string{b.lookAt(name, have[0], reason)}
	}
	return []string{b.lookAt(name, nil, reason)}
}

func (b *builder) lookAt(instance string, have *ObservedContainer, reason string) string {
	id := b.containerID(instance)
	if b.has(id) {
		return instance
	}
	name := b.in.Project.ContainerName(b.model.Services[ServiceOf(instance)], 1)
	if have != nil {
		name = have.Name
	}
	action := &LookService{Service: instance, Have: have, Said: b.origin.saidText(), Name: name}
	b.add(&Step{ID: id, Verb: Look, Action: action, Reason: reason + "; it has to run already: " + action.Said})
	return instance
}

// lookedAt tells of the services that are looked at what is known by now: one that only has to complete need not run, and of
// another one that does not the plan says what will come of it.
func (b *builder) lookedAt() {
	for _, s := range b.order {
		a, ok := s.Action.(*LookService)
		if !ok {
			continue
		}
		switch a.Ended = b.onlyCompletion(a.Service); {
		case b.foreignHolder(s) != nil: // the conflict of names is told already
		case a.Have == nil:
			s.Reason += ", but it does not exist: the run will fail"
		case a.Have.State != "running" && !a.Ended:
			s.Reason += ", but it does not: the run will fail"
		}
		b.askFirst(s.ID)
	}
}

// askFirst has a service asked for before a network or volume that does not exist: where it is started, they are made.
func (b *builder) askFirst(look StepID) {
	for _, s := range b.order {
		if s.misses() {
			s.need(look, "started, it would bring it along", false)
		}
	}
}

func (s *Step) misses() bool {
	switch a := s.Action.(type) {
	case *Network:
		return a.Missing != ""
	case *Volume:
		return a.Missing != ""
	}
	return false
}

// asItIs has a network used as it is, where its project is only looked at.
func (b *builder) asItIs(step *Step, a *Network) {
	switch {
	case !b.external() || a.External:
	case a.ExistingID == "":
		a.Missing = b.missing(step, fmt.Sprintf("network %s", a.Name), "let Compose make it, with `docker compose up -d`")
	case a.Changed:
		a.Changed, step.Verb = false, Reuse
		step.Reason += ", but it stays as it is: " + b.origin.saidText()
	}
}

// keptVolume is asItIs for a volume.
func (b *builder) keptVolume(step *Step, a *Volume) {
	if b.external() && !a.External && !a.Exists {
		a.Missing = b.missing(step, fmt.Sprintf("volume %s", a.Name), fmt.Sprintf("make it with `docker volume create %s`", a.Name))
	}
}

// missing is how a run fails for lack of something that it may not make.
func (b *builder) missing(step *Step, what, remedy string) string {
	step.Verb, step.Reason = Look, "it has to exist already, but it does not: the run will fail ("+b.origin.saidText()+")"
	return fmt.Sprintf("%s does not exist, and %s has nothing made: %s, or choose another policy", what, b.origin.saidText(), remedy)
}

// observed is the container that the snapshot showed for an instance, where it is used as it is.
func (b *builder) observed(instance string) *ObservedContainer {
	step := b.steps[b.containerID(instance)]
	switch a := step.Action.(type) {
	case *LookService:
		return a.Have
	case *Container:
		if step.Verb == Reuse {
			return a.Have
		}
	}
	return nil
}

package composeproject

import (
	"fmt"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// JobNames returns the names of all jobs, sorted, with jobs of inactive profiles. No service has the name of a job.
func (p *Project) JobNames() []string { return slices.Sorted(maps.Keys(p.model.AllJobs())) }

// IsJob reports whether a name is the name of a job.
func (p *Project) IsJob(name string) bool {
	_, isJob := p.model.AllJobs()[name]
	return isJob
}

// CheckJob returns an error for a job that must not run: the job, or another job among its dependencies, has
// `triggers.manual: false`. An unknown name is no error.
func (p *Project) CheckJob(name string) error {
	jobs := p.model.AllJobs()
	for _, job := range jobClosure(jobs, name) {
		triggers := jobs[job].Triggers
		if triggers == nil || triggers.Manual == nil || *triggers.Manual {
			continue
		}
		message := fmt.Sprintf("job %q has triggers.manual: false, so only its schedule may run it", job)
		if job != name {
			message = fmt.Sprintf("job %q has triggers.manual: false, so it cannot run as a dependency of job %q", job, name)
		}
		return p.Locations().mistake(job, message, "triggers", "manual")
	}
	return nil
}

// Schedules returns the schedules of a job as text: "0 3 * * * (Europe/Berlin)". `tasks` shows schedules only.
func Schedules(p *Project, job string) []string {
	triggers := p.model.AllJobs()[job].Triggers
	if triggers == nil {
		return nil
	}
	var all []string
	for _, s := range triggers.Schedule {
		text := s.Cron
		if s.Timezone != "" {
			text += " (" + s.Timezone + ")"
		}
		all = append(all, text)
	}
	return all
}

// jobClosure returns a job with the jobs among its dependencies, the job first. An unknown job has no closure.
func jobClosure(jobs types.Jobs, name string) []string {
	if _, isJob := jobs[name]; !isJob {
		return nil
	}
	closure := []string{name}
	for i := 0; i < len(closure); i++ {
		for _, dependency := range slices.Sorted(maps.Keys(jobs[closure[i]].DependsOn)) {
			if _, isJob := jobs[dependency]; isJob && !slices.Contains(closure, dependency) {
				closure = append(closure, dependency)
			}
		}
	}
	return closure
}

// withJobs returns the model with the named jobs as services, and with the jobs that they depend on. As in Compose, the
// profiles of a named job become active.
func withJobs(model *types.Project, names []string) (*types.Project, error) {
	jobs := model.AllJobs()
	profiles, all := slices.Clone(model.Profiles), map[string]bool{}
	for _, name := range names {
		for _, job := range jobClosure(jobs, name) {
			all[job] = true
		}
		if job, isJob := jobs[name]; isJob && !job.HasProfile(model.Profiles) {
			profiles = append(profiles, job.Profiles...)
		}
	}
	if len(all) == 0 {
		return model, nil
	}
	active, err := model.WithProfiles(profiles)
	if err != nil {
		return nil, err
	}
	for job := range all {
		active.Services[job] = jobAsService(job, jobs[job])
	}
	return active, nil
}

// checkJobResources returns an error for a job with an undeclared network, volume, secret or config. compose-go checks
// only services.
func checkJobResources(p *Project, name string) error {
	jobs := p.model.AllJobs()
	for _, job := range jobClosure(jobs, name) {
		kind, resource := undeclaredResource(p.model, jobs[job].ContainerSpec)
		if resource == "" {
			continue
		}
		message := fmt.Sprintf("job %q uses the %s %q, which the file does not declare under %ss", job, kind, resource, kind)
		return p.Locations().mistake(job, message, kind+"s", resource)
	}
	return nil
}

// undeclaredResource returns the kind and the name of the first resource without a declaration.
func undeclaredResource(model *types.Project, spec types.ContainerSpec) (kind, name string) {
	for _, key := range slices.Sorted(maps.Keys(spec.Networks)) {
		if _, declared := model.Networks[key]; !declared {
			return "network", key
		}
	}
	for _, v := range spec.Volumes {
		if _, declared := model.Volumes[v.Source]; !declared && v.Type == types.VolumeTypeVolume && v.Source != "" {
			return "volume", v.Source
		}
	}
	for _, s := range spec.Secrets {
		if _, declared := model.Secrets[s.Source]; !declared {
			return "secret", s.Source
		}
	}
	for _, c := range spec.Configs {
		if _, declared := model.Configs[c.Source]; !declared {
			return "config", c.Source
		}
	}
	return "", ""
}

// jobAsService makes a service of a job, as Compose does for `docker compose run JOB`. The config hash is the hash of
// this service.
func jobAsService(name string, job types.JobConfig) types.ServiceConfig {
	return types.ServiceConfig{
		Name: name, Profiles: job.Profiles, Extensions: job.Extensions,
		ContainerSpec: job.ContainerSpec, WorkloadSpec: job.WorkloadSpec,
	}
}

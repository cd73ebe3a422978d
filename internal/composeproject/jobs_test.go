package composeproject

import (
	"slices"
	"testing"
)

const withJobSections = `services:
  db: {image: db}
  cache: {image: cache, profiles: [extra]}
  web: {image: web}
jobs:
  migrate:
    image: app
    command: [migrate]
    env_file: [job.env]
    depends_on: {db: {condition: service_healthy}}
    triggers: {manual: true}
    labels: {a: b}
    networks: [back]
    volumes: ["data:/data"]
  seed:
    image: app
    depends_on:
      migrate: {condition: service_completed_successfully}
    profiles: [tools]
    triggers:
      schedule:
        - "0 3 * * *"
        - {cron: "*/5 * * * *", timezone: Europe/Berlin}
  nightly:
    image: app
    triggers:
      manual: false
      schedule: ["@daily"]
  report:
    image: app
    depends_on: [nightly]
    triggers: {manual: true}
  warm:
    image: app
    depends_on: [cache]
    profiles: [extra]
    triggers: {manual: true}
networks: {back: {}}
volumes: {data: {}}
`

func projectWithJobs(t *testing.T) *Project {
	t.Helper()
	dir := projectFolder(t, "jobs", map[string]string{"compose.yaml": withJobSections, "job.env": "FROM=file\n"})
	p, err := Load(t.Context(), Options{WorkingDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSelectJobs(t *testing.T) {
	p := projectWithJobs(t)
	if got := p.ServiceNames(); !slices.Equal(got, []string{"cache", "db", "web"}) {
		t.Errorf("services %v", got)
	}
	if got := p.JobNames(); !slices.Equal(got, []string{"migrate", "nightly", "report", "seed", "warm"}) {
		t.Errorf("jobs %v", got)
	}
	for name, test := range map[string]struct{ names, want []string }{
		"a job with a service":              {[]string{"migrate"}, []string{"db", "migrate"}},
		"a job with a job, by its profile":  {[]string{"seed"}, []string{"db", "migrate", "seed"}},
		"a profile also enables services":   {[]string{"warm"}, []string{"cache", "warm"}},
		"services beside a job":             {[]string{"web", "migrate"}, []string{"db", "migrate", "web"}},
		"a service of an inactive profile":  {[]string{"cache", "migrate"}, []string{"cache", "db", "migrate"}},
		"two jobs":                          {[]string{"seed", "warm"}, []string{"cache", "db", "migrate", "seed", "warm"}},
		"all active services, without jobs": {nil, []string{"db", "web"}},
	} {
		selected, err := p.Select(test.names)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := selected.Model().ServiceNames(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// A selected job is a service with everything that it uses.
func TestJobAsService(t *testing.T) {
	p, err := projectWithJobs(t).Select([]string{"seed"})
	if err != nil {
		t.Fatal(err)
	}
	s := p.Model().Services["migrate"]
	if from := s.Environment["FROM"]; from == nil || *from != "file" || len(s.EnvFiles) > 0 || s.Labels["a"] != "b" {
		t.Errorf("%+v", s)
	}
	if len(p.Model().Networks) != 2 || len(p.Model().Volumes) != 1 {
		t.Errorf("networks %v, volumes %v", p.Model().NetworkNames(), p.Model().VolumeNames())
	}
	if !p.IsJob("migrate") || p.IsJob("db") || slices.Contains(p.ServiceNames(), "migrate") {
		t.Errorf("the services are %v", p.ServiceNames())
	}
	if at, exact := p.Locations().AttributeText("migrate", "command"); at != "compose.yaml:8:5" || !exact {
		t.Errorf("the command is at %s", at)
	}
	want := []string{"0 3 * * *", "*/5 * * * * (Europe/Berlin)"}
	if got := Schedules(p, "seed"); !slices.Equal(got, want) || Schedules(p, "migrate") != nil {
		t.Errorf("schedules %q", got)
	}
}

func TestManualFalseIsRefused(t *testing.T) {
	p := projectWithJobs(t)
	for job, want := range map[string]string{
		"nightly": `compose.yaml:27:7: job "nightly" has triggers.manual: false, so only its schedule may run it`,
		"report":  `compose.yaml:27:7: job "nightly" has triggers.manual: false, so it cannot run as a dependency of job "report"`,
	} {
		if _, err := p.Select([]string{job}); err == nil || err.Error() != want {
			t.Errorf("%s: %v", job, err)
		}
	}
	for _, job := range []string{"migrate", "seed", "unknown"} {
		if err := p.CheckJob(job); err != nil {
			t.Errorf("%s: %v", job, err)
		}
	}
}

// The mistakes of jobs come with a place.
func TestErrorsOfJobs(t *testing.T) {
	const job = "services: {web: {image: x}}\njobs:\n  migrate:\n    image: x\n"
	for yaml, want := range map[string]string{
		job: `compose.yaml:3:3: jobs.migrate lacks triggers`,
		job + "    triggers: {manual: true}\n    depends_on: [wep]\n":                                              `compose.yaml:6:18: job "migrate" depends on "wep", but no active service or job has this name; did you mean "web"?`,
		job + "    triggers: {manual: true}\n    restart: always\n":                                                `compose.yaml:6:5: jobs.migrate has no attribute "restart"`,
		job + "    triggers: {manual: true, schedul: [x]}\n":                                                       `compose.yaml:5:30: jobs.migrate.triggers has no attribute "schedul"; did you mean "schedule"?`,
		job + "    triggers: {manual: true}\n    ports: [a]\n":                                                     `compose.yaml:6:13: job migrate: ports: invalid containerPort: a`,
		"services: {web: {image: x}}\njobs:\n  web: {image: x, triggers: {manual: true}}\n":                        `compose.yaml:3:3: a service and a job have the name "web": rename one of the two`,
		"services:\n  web: {image: x, depends_on: [m]}\njobs:\n  m: {image: x, triggers: {manual: true}}\n":        `compose.yaml:2:32: service "web" depends on job "m", but only a job can depend on a job`,
		"services: {web: {image: x}}\njobs:\n  a: {image: x, extends: {service: web}, triggers: {manual: true}}\n": `compose.yaml:3:36: job "a" extends "web", which is not there`,
	} {
		_, err := Load(t.Context(), Options{WorkingDir: projectFolder(t, "app", map[string]string{"compose.yaml": yaml})})
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s\nin %s", err, want, yaml)
		}
	}
}

// compose-go does not check what jobs refer to.
func TestJobsReferToDeclaredResources(t *testing.T) {
	for attributes, want := range map[string]string{
		"networks: [back]":       `compose.yaml:3:28: job "a" uses the network "back", which the file does not declare under networks`,
		"volumes: ['data:/d']":   `compose.yaml:3:27: job "a" uses the volume "data", which the file does not declare under volumes`,
		"secrets: [key]":         `compose.yaml:3:27: job "a" uses the secret "key", which the file does not declare under secrets`,
		"configs: [{source: c}]": `compose.yaml:3:27: job "a" uses the config "c", which the file does not declare under configs`,
	} {
		yaml := "services: {web: {image: x}}\njobs:\n  a: {image: x, " + attributes + ", triggers: {manual: true}}\n"
		p := load(t, yaml)
		if _, err := p.Select([]string{"a"}); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if _, err := p.Select([]string{"web"}); err != nil {
			t.Errorf("the service cannot run: %v", err)
		}
	}
}

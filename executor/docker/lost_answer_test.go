package docker

import (
	"net/http"
	"testing"

	"tasks/internal/composeproject"
)

// cutOff ends the connection without an answer.
func cutOff(http.ResponseWriter) { panic(http.ErrAbortHandler) }

// A creation with a lost answer may have made a container, and the container must be removed.
func TestAContainerWhoseAnswerGotLost(t *testing.T) {
	const slug = "0123456789abcdef"
	theirs := says(200, `{"Id":"c1","Config":{"Labels":{"com.docker.compose.slug":"another"}}}`)
	ours := says(200, `{"Id":"c1","Config":{"Labels":{"com.docker.compose.slug":"`+slug+`"}}}`)
	own := "p-job-run-" + slug[:12]
	for name, test := range map[string]struct {
		name            string
		create, inspect func(http.ResponseWriter)
		want            string
	}{
		"it is there":               {own, cutOff, ours, "c1"},
		"it is not":                 {own, cutOff, nil, ""},
		"another has its name":      {"chosen", cutOff, theirs, ""},
		"unknown":                   {own, cutOff, cutOff, own},
		"unknown, with a free name": {"chosen", cutOff, cutOff, ""},
		"the engine refused it":     {own, says(409, `{"message":"the name is taken"}`), ours, ""},
		"the engine has failed":     {own, says(500, `{"message":"it may be there"}`), ours, "c1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: map[string]func(http.ResponseWriter){"POST /containers/create": test.create}}
			if test.inspect != nil {
				s.answers["GET /containers/"+test.name+"/json"] = test.inspect
			}
			engine, _ := fakeEngine(t, s.handle)
			spec := twoNetworks()
			spec.Name, spec.Labels = test.name, map[string]string{composeproject.LabelSlug: slug}
			id, err := engine.CreateContainer(t.Context(), spec)
			if id != test.want || err == nil {
				t.Errorf("id %q, error %v; want %q, and an error", id, err, test.want)
			}
		})
	}
}

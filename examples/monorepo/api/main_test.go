package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestUpper(t *testing.T) {
	for _, c := range []struct {
		text, result string
		err          error
		status       int
	}{
		{"hello", "HELLO", nil, http.StatusOK},
		{" ", "", nil, http.StatusBadRequest},
		{"hello", "", errors.New("no worker"), http.StatusServiceUnavailable},
		{strings.Repeat("a", 1<<17), "", nil, http.StatusBadRequest},
	} {
		asked := ""
		handler := newHandler(func(_ context.Context, text string) (string, error) {
			asked = text
			return c.result, c.err
		})
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("POST", "/upper", strings.NewReader(c.text)))
		if w.Code != c.status {
			t.Errorf("status %d, want %d", w.Code, c.status)
		}
		if w.Code == http.StatusOK && (asked != c.text || strings.TrimSpace(w.Body.String()) != c.result) {
			t.Errorf("asked %q, answered %q", asked, w.Body.String())
		}
	}
}

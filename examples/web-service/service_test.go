package main

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/gomodule/redigo/redis"
)

// service is the running service. The tests talk to it by HTTP only.
type service struct {
	*testing.T
	url string
}

func open(t *testing.T) service {
	t.Helper()
	address := os.Getenv("LINKS_URL")
	if address == "" {
		t.Skip("LINKS_URL is not set: tasks run test sets it")
	}
	return service{t, address}
}

// request returns the status, the body and the header of an answer. It follows no redirect.
func (s service) request(method, path string, form url.Values) (int, string, http.Header) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer.StatusCode, strings.TrimSpace(string(body)), answer.Header
}

func (s service) add(address string) string {
	s.Helper()
	status, code, _ := s.request("POST", "/links", url.Values{"address": {address}})
	if status != http.StatusOK || len(code) != 8 {
		s.Fatalf("status %d, code %q", status, code)
	}
	return code
}

func TestSameAddressHasSameCode(t *testing.T) {
	s := open(t)
	if first, second := s.add("https://example.org/a"), s.add("https://example.org/a"); first != second {
		t.Errorf("codes %q and %q", first, second)
	}
	if first, other := s.add("https://example.org/a"), s.add("https://example.org/b"); first == other {
		t.Errorf("two addresses have the code %q", first)
	}
}

// The first visit asks PostgreSQL, the second Redis. Both count.
func TestVisitsAreCachedAndCounted(t *testing.T) {
	s := open(t)
	code := s.add("https://example.org/cached")
	for _, cache := range []string{"miss", "hit"} {
		status, _, header := s.request("GET", "/"+code, nil)
		if status != http.StatusFound || header.Get("Location") != "https://example.org/cached" || header.Get("X-Cache") != cache {
			t.Errorf("status %d, header %v; want 302, the address and %q", status, header, cache)
		}
	}
	if _, visits, _ := s.request("GET", "/links/"+code+"/visits", nil); visits != "2" {
		t.Errorf("%s visits, want 2", visits)
	}
}

// An empty cache costs a query, and no link.
func TestLostCache(t *testing.T) {
	s := open(t)
	code := s.add("https://example.org/lost")
	s.request("GET", "/"+code, nil)
	cache, err := redis.Dial("tcp", os.Getenv("REDIS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	if _, err := cache.Do("FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	status, _, header := s.request("GET", "/"+code, nil)
	if status != http.StatusFound || header.Get("X-Cache") != "miss" {
		t.Errorf("status %d, cache %q; want 302 and a miss", status, header.Get("X-Cache"))
	}
}

func TestRefusals(t *testing.T) {
	s := open(t)
	if status, body, _ := s.request("POST", "/links", url.Values{"address": {"go.dev"}}); status != http.StatusBadRequest {
		t.Errorf("an address without a scheme: status %d, %s", status, body)
	}
	if status, body, _ := s.request("GET", "/aaaaaaaa", nil); status != http.StatusNotFound {
		t.Errorf("a code without an address: status %d, %s", status, body)
	}
}

package main

import (
	"errors"
	"fmt"
	"log"
	"net/http"
)

// newHandler answers these requests:
//
//	POST /links             with the form value address: the code
//	GET  /CODE              a redirect to the address; X-Cache is hit or miss
//	GET  /links/CODE/visits the number of visits
//	GET  /healthz           200 while PostgreSQL and Redis answer
func newHandler(s *store) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, answer func(http.ResponseWriter, *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			err := answer(w, r)
			if errors.Is(err, errUnknown) {
				http.Error(w, err.Error(), http.StatusNotFound)
			} else if err != nil {
				log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
				http.Error(w, "the service is not ready", http.StatusServiceUnavailable)
			}
		})
	}
	handle("POST /links", func(w http.ResponseWriter, r *http.Request) error {
		code, err := s.add(r.Context(), r.FormValue("address"))
		if code == "" {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return nil
		}
		if err == nil {
			fmt.Fprintln(w, code)
		}
		return err
	})
	handle("GET /{code}", func(w http.ResponseWriter, r *http.Request) error {
		address, fromCache, err := s.visit(r.Context(), r.PathValue("code"))
		if err != nil {
			return err
		}
		w.Header().Set("X-Cache", map[bool]string{true: "hit", false: "miss"}[fromCache])
		http.Redirect(w, r, address, http.StatusFound)
		return nil
	})
	handle("GET /links/{code}/visits", func(w http.ResponseWriter, r *http.Request) error {
		n, err := s.visits(r.Context(), r.PathValue("code"))
		if err == nil {
			fmt.Fprintln(w, n)
		}
		return err
	})
	handle("GET /healthz", func(w http.ResponseWriter, r *http.Request) error { return s.ping(r.Context()) })
	return mux
}

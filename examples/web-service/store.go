package main

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed schema.sql
var schema string

// errUnknown is the error for a code without an address.
var errUnknown = errors.New("there is no such code")

// store has the links. PostgreSQL has all of them, Redis the addresses of the last hour and the numbers of visits.
type store struct {
	db    *pgxpool.Pool
	cache *redis.Pool
}

func openStore(ctx context.Context, database, cache string) (*store, error) {
	db, err := pgxpool.New(ctx, database)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	dial := func(ctx context.Context) (redis.Conn, error) { return redis.DialContext(ctx, "tcp", cache) }
	return &store{db: db, cache: &redis.Pool{DialContext: dial, MaxIdle: 4, IdleTimeout: time.Minute}}, nil
}

func (s *store) close() {
	s.db.Close()
	s.cache.Close()
}

func (s *store) migrate(ctx context.Context) error {
	_, err := s.db.Exec(ctx, schema)
	return err
}

// add returns the code of an address. The same address has the same code.
func (s *store) add(ctx context.Context, address string) (string, error) {
	if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%q is no address: write https://HOST/PATH", address)
	}
	sum := sha256.Sum256([]byte(address))
	code := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:8]
	_, err := s.db.Exec(ctx, "INSERT INTO links (code, address) VALUES ($1, $2) ON CONFLICT (address) DO NOTHING", code, address)
	return code, err
}

// visit returns the address of a code, counts the visit, and reports whether the address came from the cache.
func (s *store) visit(ctx context.Context, code string) (address string, fromCache bool, err error) {
	address, err = redis.String(s.do(ctx, "GET", "address:"+code))
	if errors.Is(err, redis.ErrNil) {
		if address, err = s.find(ctx, code); err == nil {
			_, err = s.do(ctx, "SET", "address:"+code, address, "EX", 3600)
		}
	} else {
		fromCache = err == nil
	}
	if err == nil {
		_, err = s.do(ctx, "INCR", "visits:"+code)
	}
	return address, fromCache, err
}

func (s *store) find(ctx context.Context, code string) (address string, err error) {
	err = s.db.QueryRow(ctx, "SELECT address FROM links WHERE code = $1", code).Scan(&address)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errUnknown
	}
	return address, err
}

// visits returns the number of visits of a code.
func (s *store) visits(ctx context.Context, code string) (int, error) {
	if _, err := s.find(ctx, code); err != nil {
		return 0, err
	}
	n, err := redis.Int(s.do(ctx, "GET", "visits:"+code))
	if errors.Is(err, redis.ErrNil) {
		return 0, nil
	}
	return n, err
}

// ping reports whether both servers answer and the tables exist.
func (s *store) ping(ctx context.Context) error {
	_, dbErr := s.db.Exec(ctx, "SELECT FROM links LIMIT 1")
	_, cacheErr := s.do(ctx, "PING")
	return errors.Join(dbErr, cacheErr)
}

func (s *store) do(ctx context.Context, command string, args ...any) (any, error) {
	conn, err := s.cache.GetContext(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return redis.DoContext(conn, ctx, command, args...)
}

package postgres

import (
	"context"
	"reflect"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
)

// querier is a pool of connections or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// on runs do, which reads or makes one statement, outside of a transaction.
func (s *Store) on(ctx context.Context, what string, do func(querier) error) error {
	err := s.ready(ctx)
	if err == nil {
		err = again(func() error { return do(cleaning{s.pool}) })
	}
	return s.fault(ctx, what, err)
}

// read runs do in a transaction that sees the store as of one moment.
func (s *Store) read(ctx context.Context, what string, do func(querier) error) error {
	if err := s.ready(ctx); err != nil {
		return s.fault(ctx, what, err)
	}
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return s.fault(ctx, what, err)
	}
	defer tx.Rollback(ctx) //nolint:errcheck // it has read what it wanted, or its first error counts
	if err = do(cleaning{tx}); err == nil {
		err = ctx.Err() // it may have ended unnoticed with the last rows
	}
	return s.fault(ctx, what, err)
}

// cleaning is a querier whose texts are made fit for PostgreSQL.
type cleaning struct{ querier }

func (c cleaning) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return c.querier.Query(ctx, sql, cleaned(args)...)
}

func (c cleaning) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return c.querier.QueryRow(ctx, sql, cleaned(args)...)
}

func (c cleaning) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return c.querier.Exec(ctx, sql, cleaned(args)...)
}

// cleaned cleans every text among args, whatever its type is called.
func cleaned(args []any) []any {
	for i, a := range args {
		switch v := a.(type) {
		case string:
			args[i] = clean(v)
		case []string:
			for n := range v {
				v[n] = clean(v[n])
			}
		default:
			if r := reflect.ValueOf(a); r.Kind() == reflect.String {
				args[i] = clean(r.String())
			}
		}
	}
	return args
}

// clean is s with U+FFFD for what a text of PostgreSQL can't hold: NUL, and
// what is no UTF-8.
func clean(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\ufffd")
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// query is a SELECT that grows by conditions. A question mark in it stands
// for the next of its arguments.
type query struct {
	sql   string
	conds []string
	args  []any
}

// where adds a condition; args stand for its question marks.
func (q *query) where(cond string, args ...any) {
	q.conds = append(q.conds, cond)
	q.args = append(q.args, args...)
}

// ordered is the whole statement; order follows its conditions.
func (q *query) ordered(order string) string {
	s := q.sql
	if len(q.conds) > 0 {
		s += " WHERE (" + strings.Join(q.conds, ") AND (") + ")"
	}
	return numbered(s + " " + order)
}

// numbered writes $1, $2 and so on for the question marks of a statement.
func numbered(sql string) string {
	parts := strings.Split(sql, "?")
	var b strings.Builder
	for i, part := range parts {
		b.WriteString(part)
		if i < len(parts)-1 {
			b.WriteString("$" + strconv.Itoa(i+1))
		}
	}
	return b.String()
}

// each hands every row of a statement to yield until that returns false.
func each[T any](ctx context.Context, q querier, scan func(pgx.Row) (T, error), yield func(T) bool, stmt string, args ...any) error {
	rows, err := q.Query(ctx, stmt, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return err
		}
		if !yield(v) {
			return nil
		}
	}
	return rows.Err()
}

// all is every row of a statement.
func all[T any](ctx context.Context, q querier, scan func(pgx.Row) (T, error), stmt string, args ...any) ([]T, error) {
	items := []T{}
	err := each(ctx, q, scan, func(v T) bool {
		items = append(items, v)
		return true
	}, stmt, args...)
	return items, err
}

// paged is one page of a query: limit rows at most, and the cursor of the
// last one where more follow. The limit stands in the statement, so that the
// plan is made for it.
func paged[T any](ctx context.Context, s *Store, what string, q query, order string, limit int, scan func(pgx.Row) (T, error), at func(T) string) (store.Page[T], error) {
	limit = pageOf(limit)
	stmt := q.ordered(order + " LIMIT " + strconv.Itoa(limit+1))
	var items []T
	err := s.on(ctx, what, func(db querier) (err error) {
		items, err = all(ctx, db, scan, stmt, q.args...)
		return err
	})
	if err != nil {
		return store.Page[T]{}, err
	}
	page := store.Page[T]{Items: items}
	if len(items) > limit {
		page.Items = items[:limit]
		page.Next = at(items[limit-1])
	}
	return page, nil
}

const maxPage = 1000

func pageOf(limit int) int { return min(max(limit, 1), maxPage) }

// before adds the condition that rows stand below the place of a cursor in a
// listing that is ordered by a time, newest first, and then by id.
func (q *query) before(listing, timeColumn, at string) error {
	if at == "" {
		return nil
	}
	ms, id, err := cursor.Time(listing, at)
	if err != nil {
		return err
	}
	q.where("("+timeColumn+", id) < (?, ?)", ms, id)
	return nil
}

// beyond adds a condition on the number that is the place of a cursor.
func (q *query) beyond(listing, cond, at string) error {
	if at == "" {
		return nil
	}
	n, err := cursor.Number(listing, at)
	if err != nil {
		return err
	}
	q.where(cond, n)
	return nil
}

package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/cursor"
)

// querier is a pool of connections or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// query is a SELECT that grows by conditions.
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
	return s + " " + order
}

// each hands every row of a statement to yield until that returns false.
func each[T any](ctx context.Context, q querier, scan func(scanner) (T, error), yield func(T) bool, stmt string, args ...any) error {
	rows, err := q.QueryContext(ctx, stmt, args...)
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
func all[T any](ctx context.Context, q querier, scan func(scanner) (T, error), stmt string, args ...any) ([]T, error) {
	items := []T{}
	err := each(ctx, q, scan, func(v T) bool {
		items = append(items, v)
		return true
	}, stmt, args...)
	return items, err
}

// paged is one page of a query: limit rows at most, and the cursor of the
// last one where more follow.
func paged[T any](ctx context.Context, db querier, q query, order string, limit int, scan func(scanner) (T, error), at func(T) string) (store.Page[T], error) {
	limit = min(max(limit, 1), maxPage)
	items, err := all(ctx, db, scan, q.ordered(order+" LIMIT ?"), append(q.args, limit+1)...)
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

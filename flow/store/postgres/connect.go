package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	maxConns       = 10
	minMaxConns    = 2 // an edit has one, and whoever makes its changes may read
	connectTimeout = 5 * time.Second
	silence        = 15 * time.Second // for how long a peer may leave what was sent unanswered
)

// errURL says no more: what can't be read may be part of a password.
var errURL = errors.New("the database URL can't be read: write it as postgres://user:password@host:port/database, " +
	"and in the password %25 for %, %2F for /, %3F for ?, %23 for # and %40 for @")

func configOf(text string) (*pgxpool.Config, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, errURL
	}
	config, err := pgxpool.ParseConfig(text)
	if err != nil {
		return nil, fmt.Errorf("read database URL: %s", withoutPassword(reason(err), u))
	}
	if !u.Query().Has("pool_max_conns") {
		config.MaxConns = maxConns
	}
	if config.MaxConns < minMaxConns {
		return nil, fmt.Errorf("read database URL: pool_max_conns is %d: at least %d are needed", config.MaxConns, minMaxConns)
	}
	c := config.ConnConfig
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "ringthrough"
	}
	c.DialFunc = dialer().DialContext
	config.AfterConnect = setUp
	return config, nil
}

// reason is what an error of pgx says beside the URL, which it has in
// backquotes.
func reason(err error) string {
	text := err.Error()
	if _, after, found := strings.Cut(text, "`: "); found {
		return after
	}
	return text
}

// withoutPassword takes the password out of a text, however it got there.
func withoutPassword(text string, u *url.URL) string {
	password, _ := u.User.Password()
	for _, secret := range []string{password, url.QueryEscape(password), u.Query().Get("password")} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "xxxxx")
		}
	}
	return text
}

// dialer makes connections that end when the other side has gone silent.
func dialer() *net.Dialer {
	return &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silence / 3, Interval: silence / 3, Count: 2},
		Control:         limitSilence,
	}
}

// setUp has the server notice soon that this side is gone, for what is locked
// stays locked till then, and makes commits wait for the disk and statements
// see what was committed before them, whatever the database's own defaults.
func setUp(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `DO $$ BEGIN
		PERFORM set_config('default_transaction_isolation', 'read committed', false), set_config('jit', 'off', false);
		IF current_setting('synchronous_commit') = 'off' THEN
			PERFORM set_config('synchronous_commit', 'on', false);
		END IF;
		BEGIN
			PERFORM set_config('tcp_keepalives_idle', '15', false), set_config('tcp_keepalives_interval', '5', false),
				set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '30000', false),
				set_config('client_connection_check_interval', '5000', false);
		EXCEPTION WHEN OTHERS THEN NULL; -- not every system that PostgreSQL runs on can
		END;
	END $$`, pgx.QueryExecModeSimpleProtocol)
	return err
}

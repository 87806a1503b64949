# frozen_string_literal: true

require 'pg'

# As much of Mongoid as is used from outside of Tengine: the session that the process has opened.
module Mongoid
  # Stands for a session of Moped's, which has these two methods.
  class Session
    attr_reader :options

    def initialize(parameters)
      @parameters = parameters
      @options = { database: parameters[:dbname] }
    end

    # The whole database goes, whoever uses it. One that is not there is gone already, as in MongoDB.
    def drop
      admin = PG.connect(@parameters.merge(dbname: 'postgres'))
      admin.exec('SET client_min_messages TO warning')
      admin.exec("DROP DATABASE IF EXISTS #{admin.quote_ident(@parameters[:dbname])} WITH (FORCE)")
    ensure
      admin&.close
    end
  end

  class << self
    # Nothing where no session was opened.
    attr_accessor :default_session
  end
end

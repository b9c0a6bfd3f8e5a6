# k6's JSON output goes in (jq -n); p95 of http_req_duration per name and status comes out, as one array.
[inputs | select(.type == "Point" and .metric == "http_req_duration") | .data
  | {name: .tags.name, status: .tags.status, value}]
| group_by([.name, .status])
| map((map(.value) | sort) as $values
    | (0.95 * (($values | length) - 1)) as $rank
    | ($rank | floor) as $below
    | {name: .[0].name, status: .[0].status, samples: ($values | length),
       p95: ($values[$below] + ($values[$rank | ceil] - $values[$below]) * ($rank - $below))})

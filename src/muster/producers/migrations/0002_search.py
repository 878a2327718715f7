"""Names by which producers are found and ordered, made by the database; the indexes of the list."""

import datetime

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models

# Built in only: `unaccent` is an extension. What Unicode does not take apart is named letter by letter.
# None is STRICT, for those PostgreSQL calls one by one where it writes out these: half the time of a row.
FUNCTIONS = r"""
CREATE FUNCTION muster_fold(name text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN octet_length(name) = char_length(name) THEN lower(translate(name, '`''', ''))
        ELSE lower(translate(
            replace(regexp_replace(normalize(name, NFKD), '[\u0300-\u036f]', '', 'g'), 'ß', 'ss'),
            'øØłŁđĐðÐıħĦ`''’‘ʼ', 'oOlLdDdDihH'))
    END;

CREATE FUNCTION muster_words(name text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_remove(regexp_split_to_array(muster_fold(name), '[[:space:][:punct:]]+'), '');

CREATE FUNCTION muster_sort_name(last text, first text, middle text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN muster_fold(last || ', ' || first || ' ' || middle);

CREATE FUNCTION muster_search_words(
    first text, middle text, last text, file_first text, file_last text
) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(
        muster_words(first || ' ' || middle || ' ' || last || ' ' || file_first || ' ' || file_last));

-- What a person typed: each word is the beginning of a word of the name, in any order.
CREATE FUNCTION muster_name_query(typed text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (
        SELECT string_agg(quote_literal(word) || ':*', ' & ')::tsquery FROM unnest(muster_words(typed)) AS word
    );
"""
DROP = """
DROP FUNCTION muster_name_query(text);
DROP FUNCTION muster_search_words(text, text, text, text, text);
DROP FUNCTION muster_sort_name(text, text, text);
DROP FUNCTION muster_words(text);
DROP FUNCTION muster_fold(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_cache_table"),
        ("producers", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, DROP),
        migrations.RemoveIndex(
            model_name="producer",
            name="producer_by_name",
        ),
        migrations.AddField(
            model_name="producer",
            name="license_states",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=2),
                db_default=models.Value(
                    [], django.contrib.postgres.fields.ArrayField(base_field=models.CharField(), size=None)
                ),
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="producer",
            name="search_words",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    "first_name",
                    "middle_name",
                    "last_name",
                    "file_first_name",
                    "file_last_name",
                    function="muster_search_words",
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="producer",
            name="sort_name",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func("last_name", "first_name", "middle_name", function="muster_sort_name"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AlterField(
            model_name="producer",
            name="agency",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="producers",
                to="producers.agency",
            ),
        ),
        migrations.AlterField(
            model_name="producer",
            name="npn",
            field=models.CharField(db_collation="C", max_length=10),
        ),
        migrations.AddIndex(
            model_name="producer",
            index=models.Index(fields=["organization", "sort_name", "id"], name="producer_by_name"),
        ),
        migrations.AddIndex(
            model_name="producer",
            index=models.Index(
                models.F("organization"),
                django.db.models.functions.text.Length("npn"),
                models.F("npn"),
                name="producer_by_number",
            ),
        ),
        migrations.AddIndex(
            model_name="producer",
            index=models.Index(
                models.F("organization"),
                django.db.models.functions.comparison.Coalesce(
                    "synced_at",
                    models.Value(datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.UTC)),
                ),
                models.F("id"),
                name="producer_by_freshness",
            ),
        ),
        migrations.AddIndex(
            model_name="producer",
            index=models.Index(fields=["organization", "id"], name="producer_by_age"),
        ),
        migrations.AddIndex(
            model_name="producer",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_words", "license_states"], name="producer_by_words"
            ),
        ),
        migrations.AddIndex(
            model_name="producer",
            index=models.Index(fields=["organization", "agency"], name="producer_by_agency"),
        ),
        migrations.AddIndex(
            model_name="producer",
            index=models.Index(
                condition=models.Q(("name_differs", True)),
                fields=["organization"],
                name="producer_name_differs",
            ),
        ),
    ]

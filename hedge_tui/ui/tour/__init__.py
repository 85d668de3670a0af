"""The tour: ten short steps that a newcomer does himself on a practice desk."""
